"""How keys look: a typo is refused without a lookup, and old keys without a checksum still pass."""

import re
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from fogbank.runtime.credentials.key_format import CLIENT_SECRET_PREFIX, DIGITS, checksum, is_key, new_key

SCANNED = re.compile(r"\bfb_(live|secret)_[0-9A-Za-z]{49}\b")
"""What docs/machines.md gives to secret scanners."""

secrets = st.binary(min_size=32, max_size=32)


@given(secrets)
def test_a_new_key_passes_and_a_scanner_finds_it_whole(secret: bytes) -> None:
    for prefix in ("fb_live_", CLIENT_SECRET_PREFIX):
        key = new_key(lambda _: secret, prefix)
        assert is_key(key, prefix)
        found = SCANNED.search(f'"token": "{key}",')
        assert found is not None
        assert found.group() == key


@given(secrets, st.integers(8, 56), st.sampled_from(DIGITS))
def test_a_key_with_one_letter_wrong_is_refused(secret: bytes, place: int, letter: str) -> None:
    key = new_key(lambda _: secret)
    wrong = key[:place] + letter + key[place + 1 :]
    assert is_key(wrong) == (wrong == key)


@given(secrets, st.integers(8, 55))
def test_a_key_with_two_neighbours_exchanged_is_refused(secret: bytes, place: int) -> None:
    key = new_key(lambda _: secret)
    wrong = key[:place] + key[place + 1] + key[place] + key[place + 2 :]
    assert is_key(wrong) == (wrong == key)


@given(st.text(max_size=80))
def test_whatever_else_there_is_is_no_key(text: str) -> None:
    assert not is_key(text)


def test_an_old_key_without_checksum_passes() -> None:
    dice = Random(1)
    assert is_key("fb_live_" + "".join(dice.choices(DIGITS + "-_", k=43)))


def test_a_client_secret_is_no_api_key_and_the_other_way_round() -> None:
    assert not is_key(new_key(bytes, CLIENT_SECRET_PREFIX))
    assert not is_key(new_key(bytes), CLIENT_SECRET_PREFIX)


def test_the_checksum_is_as_documented_for_others_to_compute() -> None:
    assert checksum("fb_live_" + "0" * 43) == new_key(bytes)[-6:] == "20NwtQ"


def test_no_two_secrets_give_the_same_key() -> None:
    first, second = new_key(lambda size: b"\xff" * size), new_key(lambda size: b"\xff" * (size - 1) + b"\xfe")
    assert first != second
    assert len(first) == len(second) == 57
