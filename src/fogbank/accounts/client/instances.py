"""Views of instances, their tiers, and what an installation starts with."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class InstanceView:
    """A machine that is measured; `account_id` pays for it: its organisation, else its user.

    `project_id` is what its costs are allocated to now, if anything.
    """

    id: str
    name: str
    account_id: str
    user_id: str
    org_id: str | None
    created_at: datetime
    tier: str = "standard"
    project_id: str | None = None
    labels: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class InstancesView:
    """A page of instances, by id; `next_cursor` is the `after` of the next page, or null at the end."""

    instances: list[InstanceView]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class TierChangeView:
    """An instance came into a resource tier; `change` numbers all changes in the order in which they were made."""

    change: int
    instance_id: str
    tier: str
    since: datetime


@dataclass(frozen=True, slots=True)
class InstanceTiersView:
    """Changes of tiers, oldest first; `cursor` is the `changed_since` of those that follow."""

    changes: list[TierChangeView]
    cursor: int


@dataclass(frozen=True, slots=True)
class ProjectChangeView:
    """An instance came into a project, or, with null, into none; `change` numbers all changes in their order."""

    change: int
    instance_id: str
    project_id: str | None
    since: datetime


@dataclass(frozen=True, slots=True)
class InstanceProjectsView:
    """Changes of projects, oldest first; `cursor` is the `changed_since` of those that follow."""

    changes: list[ProjectChangeView]
    cursor: int


@dataclass(frozen=True, slots=True)
class SetupView:
    """What an installation starts with; `password` only when this call made the administrator."""

    user_id: str
    org_id: str
    instance_id: str
    email: str
    sign_in_token: str
    password: str | None
