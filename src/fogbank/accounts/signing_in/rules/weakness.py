"""What may be a password: NIST SP 800-63B-4, 3.1.1.2. Length counts, composition does not; some are on every list."""

import re
import unicodedata
from collections.abc import Iterable
from enum import StrEnum

from fogbank.accounts.rules import PASSWORD_CHARACTERS_MAX, PASSWORD_CHARACTERS_MIN

OWN_WORD_CHARACTERS_MIN = 3
"""Shorter words of a name are parts of too many others."""
LEFT_CHARACTERS_MIN = 6
"""What must be left of a password without the words that anybody would try first."""
UNIT_CHARACTERS_MAX = 4
RUN_CHARACTERS_MIN = 3
ROWS = ("`1234567890-=", "qwertyuiop[]", "asdfghjkl;'", "zxcvbnm,./", "qwertzuiopü", "azertyuiop", "yxcvbnm")
WORD = re.compile(r"[^\W_]+")
FIRST_TRIED = (
    *("password", "passw0rd", "p@ssword", "p@ssw0rd", "passwort", "kennwort", "motdepasse", "contraseña", "senha"),
    *("admin", "administrator", "root", "user", "guest", "test", "demo", "login", "changeme", "secret", "default"),
    *("welcome", "letmein", "iloveyou", "trustno1", "qwerty", "qwertz", "azerty", "abc123", "hello", "whatever"),
    *("monkey", "dragon", "master", "shadow", "sunshine", "princess", "superman", "batman", "starwars", "pokemon"),
    *("football", "baseball", "michael", "charlie", "jordan", "freedom", "summer", "winter", "spring", "autumn"),
)
"""Words of the passwords that head every list of stolen ones: these are known where no such list can be asked."""


class Weakness(StrEnum):
    """Why a password is refused: a stable name for programs."""

    TOO_SHORT = "too-short"
    TOO_LONG = "too-long"
    OWN_WORDS = "own-words"
    FIRST_TRIED = "first-tried"
    SEQUENCE = "sequence"
    REPEATED = "repeated"
    BREACHED = "breached"


SENTENCES = {
    Weakness.TOO_SHORT: f"A password has at least {PASSWORD_CHARACTERS_MIN} characters; a few words make a good one.",
    Weakness.TOO_LONG: f"A password has at most {PASSWORD_CHARACTERS_MAX} characters.",
    Weakness.OWN_WORDS: "This password is little more than your address, your name or ours; take other words.",
    Weakness.FIRST_TRIED: "This password is little more than one that everybody tries first; take a few words.",
    Weakness.SEQUENCE: "This password follows the alphabet or the keyboard; take a few words.",
    Weakness.REPEATED: "This password repeats itself; take a few words.",
    Weakness.BREACHED: "This password is in a list of stolen ones, which is tried first; take another.",
}
"""What to tell people."""


def normalized(password: str) -> str:
    """The same password however a keyboard composed its letters (NFKC, as NIST SP 800-63B-4, 3.1.1.2 has it)."""
    return unicodedata.normalize("NFKC", password)


def weakness_of(password: str, own_words: Iterable[str]) -> Weakness | None:
    """Why `password` is refused, None where it is not. `own_words` are the person's address and name, and ours."""
    text = normalized(password)
    if len(text) < PASSWORD_CHARACTERS_MIN:
        return Weakness.TOO_SHORT
    if len(text) > PASSWORD_CHARACTERS_MAX:
        return Weakness.TOO_LONG
    folded = text.casefold()
    if is_repeated(folded):
        return Weakness.REPEATED
    if is_sequence(folded):
        return Weakness.SEQUENCE
    if is_made_of(folded, own_words):
        return Weakness.OWN_WORDS
    return Weakness.FIRST_TRIED if is_made_of(folded, FIRST_TRIED) else None


def is_repeated(text: str) -> bool:
    """Whether it is one unit of up to four characters, over and over; the last one may be cut."""
    return any(
        text == (text[:size] * (len(text) // size + 1))[: len(text)]
        for size in range(1, min(UNIT_CHARACTERS_MAX, len(text) // 2) + 1)
    )


def is_sequence(text: str) -> bool:
    """Whether it is nothing but runs along the alphabet, the digits or a keyboard's row, forwards or backwards."""
    at = 0
    while at < len(text):
        run = _run_at(text, at)
        if run < RUN_CHARACTERS_MIN:
            return False
        at += run
    return True


def _run_at(text: str, at: int) -> int:
    """How many characters from there on follow each other."""
    return max(_counted(text, at, 1), _counted(text, at, -1), *(_typed(text, at, row) for row in _BOTH_WAYS))


def _counted(text: str, at: int, step: int) -> int:
    end = at + 1
    while end < len(text) and ord(text[end]) - ord(text[end - 1]) == step:
        end += 1
    return end - at


def _typed(text: str, at: int, row: str) -> int:
    end = at + 1
    while end < len(text) and text[at : end + 1] in row:
        end += 1
    return end - at


def is_made_of(text: str, own_words: Iterable[str]) -> bool:
    """Whether little is left of it without those words, and their parts."""
    words = {part for own in own_words for part in (own.casefold(), *WORD.findall(own.casefold()))}
    left = text
    for word in sorted(words, key=len, reverse=True):
        if len(word) >= OWN_WORD_CHARACTERS_MIN:
            left = left.replace(word, "")
    return left != text and len("".join(WORD.findall(left))) < LEFT_CHARACTERS_MIN


_BOTH_WAYS = (*ROWS, *(row[::-1] for row in ROWS))
