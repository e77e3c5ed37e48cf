"""What accounts knows: users, organisations, memberships, API keys, sessions and instances."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

STANDARD_TIER = "standard"
"""The tier of an instance that was never put into another."""


class Role(StrEnum):
    """What somebody is in an organisation."""

    OWNER = "owner"
    ADMIN = "admin"
    BILLING = "billing"
    MEMBER = "member"
    VIEWER = "viewer"


class Permission(StrEnum):
    """What a role allows."""

    SEE = "see"
    MANAGE_INSTANCES = "manage_instances"
    MANAGE_BILLING = "manage_billing"
    MANAGE_MEMBERS = "manage_members"
    MANAGE_OWNERS = "manage_owners"


class Status(StrEnum):
    """Whether an account is served. A suspended user cannot sign in, and their keys are refused."""

    ACTIVE = "active"
    SUSPENDED = "suspended"


class AccountKind(StrEnum):
    """What an account id names."""

    USER = "user"
    ORGANIZATION = "organization"


@dataclass(frozen=True, slots=True)
class User:
    """A person. `password_hash` is argon2id; None for one who signs in by links only."""

    id: str
    email: str
    name: str
    is_administrator: bool
    status: Status
    created_at: datetime
    password_hash: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Organization:
    """What pays together."""

    id: str
    name: str
    status: Status
    created_at: datetime


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
class ApiKey:
    """A key as we keep it: never the secret, only what tells it apart."""

    id: str
    user_id: str
    name: str
    last_four: str
    scopes: frozenset[str]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True)
class Instance:
    """A machine that is measured, whose it is, who pays for it, and the resource tier that it is in now."""

    id: str
    name: str
    account_id: str
    user_id: str
    org_id: str | None
    created_at: datetime
    tier: str = STANDARD_TIER


@dataclass(frozen=True, slots=True)
class TierChange:
    """An instance came into a tier. `change` numbers all changes in the order in which they were made."""

    change: int
    instance_id: str
    tier: str
    since: datetime
