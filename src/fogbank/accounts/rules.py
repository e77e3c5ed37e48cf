"""Decisions that several rooms of accounts share. Pure. Who may do what is one table: `client/permissions.py`."""

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
