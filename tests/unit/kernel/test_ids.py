"""Ids: text that is safe in URLs, subjects and file names, and whose money a reading is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fogbank.kernel.ids import is_id, new_id, payer_of

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.:-"


@given(st.text(alphabet=LETTERS, min_size=1, max_size=128))
def test_up_to_128_safe_characters_are_an_id(text: str) -> None:
    assert is_id(text)


@pytest.mark.parametrize("text", ["", "a" * 129, "a b", "a/b", "ä", "a\n", "a*", "a>", "٣", "ª"])
def test_anything_else_is_not(text: str) -> None:
    assert not is_id(text)


@given(st.binary(min_size=8, max_size=32))
def test_a_new_id_is_an_id_and_differs_with_its_bytes(random_bytes: bytes) -> None:
    assert is_id(new_id("org", random_bytes))
    assert new_id("org", random_bytes) != new_id("org", bytes([random_bytes[0] ^ 1]) + random_bytes[1:])


def test_a_new_id_needs_eight_random_bytes() -> None:
    with pytest.raises(ValueError, match="at least 8"):
        new_id("org", b"1234567")


def test_the_organisation_pays_where_there_is_one() -> None:
    assert payer_of("user_1", "org_1") == "org_1"
    assert payer_of("user_1", None) == "user_1"
    assert payer_of("user_1", "") == "user_1"
