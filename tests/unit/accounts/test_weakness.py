"""New passwords: length counts, and what everybody tries first is refused; nothing else is asked of them."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fogbank.accounts.rules import PASSWORD_CHARACTERS_MAX, PASSWORD_CHARACTERS_MIN
from fogbank.accounts.signing_in.rules.weakness import SENTENCES, Weakness, normalized, weakness_of

OWN = ("ann.smith@acme-widgets.example", "Ann Smith", "fogbank")


@pytest.mark.parametrize(
    ("password", "weakness"),
    [
        ("short", Weakness.TOO_SHORT),
        ("123456789", Weakness.TOO_SHORT),
        ("x" * (PASSWORD_CHARACTERS_MAX + 1), Weakness.TOO_LONG),
        ("aaaaaaaaaaaa", Weakness.REPEATED),
        ("abcabcabcabc", Weakness.REPEATED),
        ("1212121212121", Weakness.REPEATED),
        ("1234567890", Weakness.SEQUENCE),
        ("abcdefghijklm", Weakness.SEQUENCE),
        ("zyxwvutsrqpo", Weakness.SEQUENCE),
        ("QwertyUiop[]", Weakness.SEQUENCE),
        ("asdfghjkl123", Weakness.SEQUENCE),
        ("qwerty123456", Weakness.SEQUENCE),
        ("ann.smith@acme-widgets.example", Weakness.OWN_WORDS),
        ("AnnSmith2026", Weakness.OWN_WORDS),
        ("fogbank-2026", Weakness.OWN_WORDS),
        ("FogbankFogbank", Weakness.OWN_WORDS),
        ("acme-widgets!", Weakness.OWN_WORDS),
        ("password1234", Weakness.FIRST_TRIED),
        ("P@ssw0rd2026!", Weakness.FIRST_TRIED),
        ("Welcome-admin", Weakness.FIRST_TRIED),
        ("iloveyou-2026", Weakness.FIRST_TRIED),
        ("correct horse battery", None),
        ("a test of the spring water", None),
        ("the smith of fogbank sings", None),
        ("žluťoučký kůň", None),
        ("🐎🔋📎🧷🦆🐙🌂🎺🪺🧊", None),
    ],
)
def test_what_everybody_tries_first_is_refused(password: str, weakness: Weakness | None) -> None:
    assert weakness_of(password, OWN) is weakness


@given(password=st.text(max_size=50))
def test_a_short_one_is_refused_whatever_it_is(password: str) -> None:
    if len(normalized(password)) < PASSWORD_CHARACTERS_MIN:
        assert weakness_of(password, OWN) is Weakness.TOO_SHORT


@given(unit=st.text(alphabet="abcxyzABC019 -_!", min_size=1, max_size=4), times=st.integers(10, 40))
def test_a_unit_over_and_over_is_refused(unit: str, times: int) -> None:
    assert weakness_of(unit * times, ()) in (Weakness.REPEATED, Weakness.SEQUENCE)


@given(password=st.text(max_size=1100), name=st.text(max_size=50))
def test_it_decides_on_anything_and_says_why(password: str, name: str) -> None:
    weakness = weakness_of(password, (name,))
    assert weakness is None or SENTENCES[weakness].endswith(".")


@given(password=st.text(alphabet="äöüéñabcdefgh ", min_size=10, max_size=40))
def test_however_a_keyboard_composes_letters_it_is_the_same_password(password: str) -> None:
    forms = {normalized(unicodedata.normalize(form, password)) for form in ("NFC", "NFD")}
    assert len(forms) == 1
