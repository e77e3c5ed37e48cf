"""What second factors rest on: codes copied by hand, waits that make guessing hopeless, names for browsers."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fogbank.accounts.factors.model import RelyingParty
from fogbank.accounts.factors.rules import (
    CODE_BYTES,
    is_enough,
    is_recent,
    methods_with,
    plain_code,
    plain_digits,
    recovery_code_of,
    relying_party_of,
    wait_after,
    went_back,
)

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


@given(st.binary(min_size=CODE_BYTES, max_size=CODE_BYTES), st.binary(min_size=CODE_BYTES, max_size=CODE_BYTES))
def test_different_randomness_is_a_different_code(one: bytes, other: bytes) -> None:
    assert (recovery_code_of(one) == recovery_code_of(other)) == (one == other)


@given(st.binary(min_size=CODE_BYTES, max_size=CODE_BYTES))
def test_a_recovery_code_is_read_however_a_person_copies_it(random: bytes) -> None:
    code = recovery_code_of(random)
    assert [len(group) for group in code.split("-")] == [4, 4, 4, 4]
    copied = code.upper().replace("-", " ").replace("0", "O").replace("1", "l")
    assert plain_code(copied) == plain_code(code) == code.replace("-", "")


def test_a_code_from_an_app_is_read_with_the_blank_that_the_app_shows() -> None:
    assert plain_digits(" 123 456\n") == "123456"


@given(st.integers(0, 10_000))
def test_each_wrong_code_makes_the_wait_no_shorter_and_no_wait_is_longer_than_a_day(failures: int) -> None:
    assert timedelta(0) <= wait_after(failures) <= wait_after(failures + 1) <= timedelta(days=1)


def test_four_slips_cost_nothing_and_a_year_of_guesses_is_a_few_hundred() -> None:
    assert wait_after(4) == timedelta(0)
    assert wait_after(5) == timedelta(minutes=1)
    spent, guesses = timedelta(0), 0
    while spent < timedelta(days=365):
        guesses += 1
        spent += wait_after(guesses)
    assert guesses < 400


@pytest.mark.parametrize(
    ("methods", "required", "enough"),
    [
        (set(), False, True),
        (set(), True, False),
        ({"recovery"}, True, False),
        ({"totp"}, True, True),
        ({"passkey", "recovery"}, True, True),
    ],
)
def test_an_organisation_that_wants_a_second_factor_takes_an_app_or_a_passkey(
    methods: set[str], required: bool, enough: bool
) -> None:
    assert is_enough(methods, required=required) is enough


def test_recovery_codes_complete_a_sign_in_only_next_to_what_they_stand_in_for() -> None:
    assert methods_with(has_totp=False, passkeys=0, recovery_codes=10) == frozenset()
    assert methods_with(has_totp=True, passkeys=2, recovery_codes=1) == {"totp", "passkey", "recovery"}
    assert methods_with(has_totp=False, passkeys=1, recovery_codes=0) == {"passkey"}


def test_a_proof_is_recent_for_ten_minutes() -> None:
    assert not is_recent(None, NOW)
    assert is_recent(NOW - timedelta(minutes=9, seconds=59), NOW)
    assert not is_recent(NOW - timedelta(minutes=10), NOW)


@pytest.mark.parametrize(
    ("stored", "shown", "back"), [(0, 0, False), (0, 1, False), (5, 6, False), (5, 5, True), (5, 4, True), (5, 0, True)]
)
def test_a_counter_that_does_not_grow_went_back_except_where_there_is_none(stored: int, shown: int, back: bool) -> None:
    assert went_back(stored, shown) is back


@pytest.mark.parametrize(
    ("url", "party"),
    [
        ("https://fog.example.com", RelyingParty("fog.example.com", "https://fog.example.com")),
        ("https://Fog.Example.com:8443", RelyingParty("fog.example.com", "https://fog.example.com:8443")),
        ("https://fog.example.com:443", RelyingParty("fog.example.com", "https://fog.example.com")),
        ("http://localhost:8080", RelyingParty("localhost", "http://localhost:8080")),
        ("http://fog.example.com", None),
        ("http://127.0.0.1:8080", None),
        ("https://[2001:db8::1]", None),
    ],
)
def test_passkeys_are_for_names_that_browsers_make_them_for(url: str, party: RelyingParty | None) -> None:
    assert relying_party_of(url) == party
