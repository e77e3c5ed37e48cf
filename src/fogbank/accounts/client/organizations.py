"""Views of organisations and their members."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class OrganizationView:
    """An organisation."""

    id: str
    name: str
    status: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class OrganizationsView:
    """A page of organisations, by id; `next_cursor` is the `after` of the next page, or null at the end."""

    organizations: list[OrganizationView]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class MemberView:
    """Somebody in an organisation; `status` is their own, `active` or `suspended`."""

    user_id: str
    name: str
    email: str
    role: str
    status: str
    created_at: datetime
