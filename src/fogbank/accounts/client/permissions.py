"""Who may do what in an organisation: the one table, which every component asks. Pure.

A role is somebody's in an organisation. What it allows depends on the organisation's standing too: while it is
suspended people read, pay and leave, and once it is closed its owners and those who paid for it read.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What somebody is in an organisation."""

    OWNER = "owner"
    ADMIN = "admin"
    BILLING = "billing"
    MEMBER = "member"
    VIEWER = "viewer"


class Status(StrEnum):
    """Whether an account is served. `docs/organizations.md` lists what follows from each."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    CLOSED = "closed"


class Permission(StrEnum):
    """What may be allowed. The words are contract: problems name them."""

    SEE = "see"
    READ_ACTIVITY = "read_activity"
    MANAGE_INSTANCES = "manage_instances"
    SEND_READINGS = "send_readings"
    ALLOCATE_INSTANCES = "allocate_instances"
    MANAGE_PROJECTS = "manage_projects"
    MANAGE_BILLING = "manage_billing"
    SET_SPENDING_LIMITS = "set_spending_limits"
    SET_THRESHOLDS = "set_thresholds"
    SET_INSTANCE_THRESHOLDS = "set_instance_thresholds"
    MANAGE_WEBHOOKS = "manage_webhooks"
    MANAGE_KEYS = "manage_keys"
    MANAGE_MEMBERS = "manage_members"
    MANAGE_SETTINGS = "manage_settings"
    MANAGE_SECURITY = "manage_security"
    MANAGE_OWNERS = "manage_owners"
    TRANSFER_OWNERSHIP = "transfer_ownership"
    CLOSE = "close"
    HEAR_OF_MONEY = "hear_of_money"
    HEAR_OF_INSTANCES = "hear_of_instances"
    HEAR_OF_ACCOUNT = "hear_of_account"


@dataclass(frozen=True, slots=True)
class Rule:
    """Of a permission: what it allows, to whom, and in which standing of the organisation beside the active one."""

    sentence: str
    roles: frozenset[Role]
    while_suspended: bool = False
    while_closed: bool = False


EVERYBODY = frozenset(Role)
OWNERS = frozenset({Role.OWNER})
RUNNERS = OWNERS | {Role.ADMIN}
PAYERS = RUNNERS | {Role.BILLING}
BUILDERS = RUNNERS | {Role.MEMBER}
WORKERS = PAYERS | BUILDERS
READERS_OF_CLOSED = OWNERS | {Role.BILLING}
"""Who still reads what an organisation was, once it is closed."""

RULES: Mapping[Permission, Rule] = {
    Permission.SEE: Rule(
        "See the organisation: its members, instances, usage, costs and balance.", EVERYBODY, True, True
    ),
    Permission.READ_ACTIVITY: Rule("Read who did what in it.", RUNNERS, True, True),
    Permission.MANAGE_INSTANCES: Rule("Register instances that it pays for, and name them.", BUILDERS),
    Permission.SEND_READINGS: Rule("Send readings of its instances over HTTP, which it pays for.", BUILDERS),
    Permission.ALLOCATE_INSTANCES: Rule("Put its instances into projects, and label them.", WORKERS, True),
    Permission.MANAGE_PROJECTS: Rule("Make, rename and archive its projects.", PAYERS, True),
    Permission.MANAGE_BILLING: Rule("Pay, choose how it pays, and say who gets its invoices.", PAYERS, True),
    Permission.SET_SPENDING_LIMITS: Rule("Say how much it spends at most.", PAYERS, True),
    Permission.SET_THRESHOLDS: Rule(
        "Say at which usage, spending, balance or runway of all of it to warn.", PAYERS, True
    ),
    Permission.SET_INSTANCE_THRESHOLDS: Rule("Say at which usage of one of its instances to warn.", WORKERS, True),
    Permission.MANAGE_WEBHOOKS: Rule("See and change where its events are posted to.", RUNNERS),
    Permission.MANAGE_KEYS: Rule("Make, rotate and revoke its service accounts and their keys.", RUNNERS),
    Permission.MANAGE_MEMBERS: Rule("Invite people, change their roles, and take them out; not owners.", RUNNERS),
    Permission.MANAGE_SETTINGS: Rule("Rename it.", RUNNERS),
    Permission.MANAGE_SECURITY: Rule("Require a second factor of everybody in it.", OWNERS),
    Permission.MANAGE_OWNERS: Rule("Make somebody an owner, and unmake one.", OWNERS),
    Permission.TRANSFER_OWNERSHIP: Rule("Offer one's ownership to another member.", OWNERS),
    Permission.CLOSE: Rule("Close it for good.", OWNERS, True),
    Permission.HEAR_OF_MONEY: Rule("Be told when its money runs low, and of thresholds on money.", PAYERS, True, True),
    Permission.HEAR_OF_INSTANCES: Rule("Be told of thresholds on what its instances use.", BUILDERS),
    Permission.HEAR_OF_ACCOUNT: Rule(
        "Be told when it is suspended, restored or closed, and of webhooks that fail.", RUNNERS, True, True
    ),
}
"""The table. `fogbank permissions` prints it."""


def allows(role: str | None, permission: Permission, status: str = Status.ACTIVE) -> bool:
    """Whether somebody of this role may do it, while the organisation has that standing.

    Nobody's role (None), and one that is not known, allow nothing.
    """
    if role not in RULES[permission].roles:
        return False
    if status == Status.CLOSED:
        return RULES[permission].while_closed and role in READERS_OF_CLOSED
    return status == Status.ACTIVE or RULES[permission].while_suspended


def roles_that(permission: Permission) -> list[str]:
    """The roles that allow it, the mightiest first."""
    return [role.value for role in Role if role in RULES[permission].roles]


def allowed_to(role: Role) -> frozenset[Permission]:
    """All that a role allows in an active organisation."""
    return frozenset(permission for permission, rule in RULES.items() if role in rule.roles)


def may_give(giver: str | None, role: Role) -> bool:
    """Whether somebody of the role `giver` may make another one `role`: nobody gives more than they have."""
    permission = Permission.MANAGE_OWNERS if role is Role.OWNER else Permission.MANAGE_MEMBERS
    return allows(giver, permission) and allowed_to(role) <= allowed_to(Role(giver or ""))


def role_while(role: Role, status: str) -> Role | None:
    """What somebody's role counts as for whoever asks about a caller; None where it counts for nothing.

    While the organisation is suspended, those who pay count as who pays and all others as who looks; once it is closed,
    who may still read it counts as who looks. So nobody who asks about a caller's role needs to know of standings.
    """
    if status == Status.ACTIVE:
        return role
    if status == Status.CLOSED:
        return Role.VIEWER if role in READERS_OF_CLOSED else None
    return Role.BILLING if role in PAYERS else Role.VIEWER
