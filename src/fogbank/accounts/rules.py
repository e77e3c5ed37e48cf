"""Decisions that several rooms of accounts share. Pure. Who may do what is one table: `client/permissions.py`."""

from ipaddress import IPv6Address, ip_address

from fogbank.accounts.model import Permission, Role, Status, User

EVERY_SCOPE = "*"
PASSWORD_CHARACTERS_MIN = 10
PASSWORD_CHARACTERS_MAX = 1024
"""Long passwords are hashed too, and that costs: a megabyte of one is an attack."""


def permission_to_change(before: Role | None, after: Role | None) -> Permission:
    """What it takes to change a member's role: owners are made and unmade by owners only."""
    return Permission.MANAGE_OWNERS if Role.OWNER in (before, after) else Permission.MANAGE_MEMBERS


def leaves_no_owner(owners: int, before: Role | None, after: Role | None) -> bool:
    """Whether a change would take an organisation's last owner; `owners` counts them before it."""
    return before is Role.OWNER and after is not Role.OWNER and owners <= 1


def scopes_beyond(held: frozenset[str], wanted: frozenset[str]) -> frozenset[str]:
    """The scopes in `wanted` that a caller who holds `held` cannot pass on."""
    return frozenset() if EVERY_SCOPE in held else wanted - held


def is_administrator_by_key(user: User, scopes: frozenset[str]) -> bool:
    """A key makes its administrator one only when it was made to do everything."""
    return user.is_administrator and EVERY_SCOPE in scopes


def may_sign_in(user: User | None) -> bool:
    return user is not None and user.status is Status.ACTIVE


def address_network(address: str) -> str:
    """What counts as one place to sign in from: an IPv4 address, or an IPv6 /64, since one person holds all of it."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    return str(int(parsed) >> 64) if isinstance(parsed, IPv6Address) else str(parsed)
