"""Roles: the table says it all, and nobody reaches beyond it."""

from datetime import UTC, datetime

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


def test_a_users_repr_tells_no_hash() -> None:
    assert "argon" not in repr(user(password_hash="$argon2id$"))
