"""Views of people and of payers."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class UserView:
    """A person; `organizations` maps each organisation they belong to, to their role there.

    Who has not chosen their password themselves is asked to, at their first visit.
    """

    id: str
    email: str
    name: str
    status: str
    is_administrator: bool
    created_at: datetime
    organizations: dict[str, str]
    is_email_confirmed: bool = False
    has_chosen_password: bool = True


@dataclass(frozen=True, slots=True)
class UserSummaryView:
    """A person, as in a list."""

    id: str
    email: str
    name: str
    status: str
    is_administrator: bool
    created_at: datetime


@dataclass(frozen=True, slots=True)
class UsersView:
    """A page of users, by id; `next_cursor` is the `after` of the next page, or null at the end."""

    users: list[UserSummaryView]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class AccountView:
    """A payer: `kind` is `user` or `organization`, `status` is `active` or `suspended`."""

    id: str
    kind: str
    name: str
    status: str
    created_at: datetime
