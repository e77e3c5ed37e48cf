"""E-mail addresses and instants: each is the same one to us and to the database, however it is written."""

from datetime import UTC, datetime

import pytest
from pydantic import TypeAdapter, ValidationError

from fogbank.runtime.http.values import Email, Instant

EMAIL: TypeAdapter[str] = TypeAdapter(Email)
INSTANT: TypeAdapter[datetime] = TypeAdapter(Instant)


@pytest.mark.parametrize("typed", ["Ann@Example.org", "jürgen@example.org", "ÅSA@example.org", "σία@example.org"])
def test_an_address_may_have_any_letters_whose_case_is_only_theirs(typed: str) -> None:
    assert EMAIL.validate_python(f" {typed} ") == typed


@pytest.mark.parametrize("typed", ["ann@ma\u0130l.example", "\u212aim@example.org", "ΟΔΥΣΣΕΥΣ@example.org"])
def test_letters_whose_lower_case_depends_are_refused(typed: str) -> None:
    """Of a word's last `Σ` PostgreSQL makes `σ` and Python `ς`: attempts would be counted as somebody else's."""
    with pytest.raises(ValidationError, match="lower case"):
        EMAIL.validate_python(typed)


def test_an_instant_is_told_in_utc_as_the_database_does_not_know_every_offset() -> None:
    told = INSTANT.validate_python("2026-11-25T12:00:00+22:16")
    assert (told, told.tzinfo) == (datetime(2026, 11, 24, 13, 44, tzinfo=UTC), UTC)


@pytest.mark.parametrize("typed", ["0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59-01:00"])
def test_an_instant_that_its_offset_moves_out_of_the_calendar_is_refused(typed: str) -> None:
    with pytest.raises(ValidationError, match="years 2 to 9998"):
        INSTANT.validate_python(typed)
