"""What accounts knows: users, organisations, memberships and instances."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from fogbank.accounts.client.permissions import Permission, Role, Status

__all__ = [
    "STANDARD_TIER",
    "Account",
    "AccountKind",
    "Instance",
    "Membership",
    "Organization",
    "Permission",
    "Project",
    "ProjectChange",
    "Role",
    "Status",
    "TierChange",
    "User",
]

STANDARD_TIER = "standard"
"""The tier of an instance that was never put into another."""


class AccountKind(StrEnum):
    """What an account id names."""

    USER = "user"
    ORGANIZATION = "organization"


@dataclass(frozen=True, slots=True)
class User:
    """A person. `password_hash` is argon2id; None for one who signs in by links only.

    `email_confirmed_at` is when they last showed that the address is theirs, `password_chosen_at` when they chose the
    password themselves; None where somebody else vouches for the one, or made the other.
    """

    id: str
    email: str
    name: str
    is_administrator: bool
    status: Status
    created_at: datetime
    password_hash: str | None = field(default=None, repr=False)
    email_confirmed_at: datetime | None = None
    password_chosen_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Organization:
    """What pays together."""

    id: str
    name: str
    status: Status
    created_at: datetime
    requires_second_factor: bool = False


@dataclass(frozen=True, slots=True)
class Membership:
    """Somebody's role in an organisation."""

    org_id: str
    user_id: str
    role: Role
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Account:
    """A payer: a user or an organisation."""

    id: str
    kind: AccountKind
    name: str
    status: Status
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Instance:
    """A machine that is measured, whose it is, who pays for it, and the tier and the project that it is in now."""

    id: str
    name: str
    account_id: str
    user_id: str
    org_id: str | None
    created_at: datetime
    tier: str = STANDARD_TIER
    project_id: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TierChange:
    """An instance came into a tier. `change` numbers all changes in the order in which they were made."""

    change: int
    instance_id: str
    tier: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Project:
    """What an organisation allocates costs to. Its key is for people and programs, and stays."""

    id: str
    org_id: str
    key: str
    name: str
    created_at: datetime
    archived_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ProjectChange:
    """An instance came into a project, or left the one that it was in (None). `change` numbers all changes."""

    change: int
    instance_id: str
    project_id: str | None
    since: datetime
