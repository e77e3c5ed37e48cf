"""Roles: the table says it all, and nobody reaches beyond it."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fogbank.accounts import rules
from fogbank.accounts.model import Status, User

scope_sets = st.frozensets(st.sampled_from(["*", "usage:read", "accounts:read", "accounts:write"]))


def user(**facts: object) -> User:
    known = {"id": "user_1", "email": "a@example.org", "name": "A", "is_administrator": True, "status": Status.ACTIVE}
    return User(**{**known, "created_at": datetime(2026, 1, 1, tzinfo=UTC), **facts})  # type: ignore[arg-type]


@given(held=scope_sets, wanted=scope_sets)
def test_scopes_passed_on_are_held(held: frozenset[str], wanted: frozenset[str]) -> None:
    if "*" not in held and not rules.scopes_beyond(held, wanted):
        assert wanted <= held


def test_a_limited_key_is_no_administrators() -> None:
    assert rules.is_administrator_by_key(user(), frozenset({"*"}))
    assert not rules.is_administrator_by_key(user(), frozenset({"accounts:write"}))
    assert not rules.is_administrator_by_key(user(is_administrator=False), frozenset({"*"}))


def test_a_suspended_user_may_not_sign_in() -> None:
    assert rules.may_sign_in(user())
    assert not rules.may_sign_in(user(status=Status.SUSPENDED))
    assert not rules.may_sign_in(None)


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("2001:db8::1", "2001:db8::ffff", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("192.0.2.1", "192.0.2.2", False),
        ("192.0.2.1", "192.0.2.1", True),
        ("not an address", "not an address", True),
    ],
)
def test_a_place_is_an_ipv4_address_or_an_ipv6_network(one: str, other: str, is_same: bool) -> None:
    assert (rules.address_network(one) == rules.address_network(other)) is is_same


def test_a_users_repr_tells_no_hash() -> None:
    assert "argon" not in repr(user(password_hash="$argon2id$"))
