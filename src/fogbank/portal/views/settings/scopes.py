"""What keys and service accounts may do, in the words of the one table of scopes."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from fogbank.kernel.scopes import EVERY_SCOPE, SCOPES

FIELD = "scope."
ALL, SOME = "all", "some"
NAMED = 2
"""So many are named where there is little room."""


@dataclass(frozen=True, slots=True)
class ScopeTick:
    """One scope in a form."""

    name: str
    sentence: str
    is_ticked: bool


def read_scopes(form: Mapping[str, str]) -> frozenset[str]:
    """What a form asks for: everything, or what is ticked."""
    if form.get("reach") == ALL:
        return frozenset({EVERY_SCOPE})
    return frozenset(name for name in SCOPES if f"{FIELD}{name}" in form)


def scope_ticks(chosen: Collection[str]) -> Sequence[ScopeTick]:
    return [ScopeTick(name, sentence, name in chosen) for name, sentence in SCOPES.items()]


def in_words(scopes: Collection[str], *, all_of: str) -> Sequence[str]:
    """A sentence for each; `all_of` where there is no limit."""
    if EVERY_SCOPE in scopes:
        return [all_of]
    return [sentence for name, sentence in SCOPES.items() if name in scopes]


def in_short(scopes: Collection[str]) -> str:
    """The names, or how many there are."""
    if EVERY_SCOPE in scopes:
        return "everything"
    names = [name for name in SCOPES if name in scopes]
    return ", ".join(names) if len(names) <= NAMED else f"{len(names)} scopes"
