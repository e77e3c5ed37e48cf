"""E-mail addresses: each is one address to us and to the database, whatever case it is typed in."""

import pytest
from pydantic import TypeAdapter, ValidationError

from fogbank.runtime.http.values import Email

EMAIL: TypeAdapter[str] = TypeAdapter(Email)


@pytest.mark.parametrize("typed", ["Ann@Example.org", "jürgen@example.org", "ÅSA@example.org", "σία@example.org"])
def test_an_address_may_have_any_letters_whose_case_is_only_theirs(typed: str) -> None:
    assert EMAIL.validate_python(f" {typed} ") == typed


@pytest.mark.parametrize("typed", ["ann@ma\u0130l.example", "\u212aim@example.org", "ΟΔΥΣΣΕΥΣ@example.org"])
def test_letters_whose_lower_case_depends_are_refused(typed: str) -> None:
    """Of a word's last `Σ` PostgreSQL makes `σ` and Python `ς`: attempts would be counted as somebody else's."""
    with pytest.raises(ValidationError, match="lower case"):
        EMAIL.validate_python(typed)
