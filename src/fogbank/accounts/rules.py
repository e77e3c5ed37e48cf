"""Decisions that several rooms of accounts share. Pure. Who may do what is one table: `client/permissions.py`."""

from ipaddress import IPv6Address, ip_address

from fogbank.accounts.model import Status, User

EVERY_SCOPE = "*"
PASSWORD_CHARACTERS_MIN = 10
PASSWORD_CHARACTERS_MAX = 1024
"""Long passwords are hashed too, and that costs: a megabyte of one is an attack."""


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
