"""What changed about credentials: the book that every process follows, so that it can answer from memory.

Changes are numbered in the order in which they were committed. An answer about a credential is remembered with the
number that was followed when it was given, and holds until a later change names one of the ids that it stands on.
"""

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass

from fogbank.runtime.auth import Caller

SUBJECTS_MAX = 100_000
"""How many ids with a change the book remembers; beyond, all that was answered before the oldest is asked anew."""


@dataclass(frozen=True, slots=True)
class Change:
    """Something changed about `subject`: the id of a user, an organisation, a session, a key or a service account."""

    number: int
    subject: str


@dataclass(frozen=True, slots=True)
class ChangesPage:
    """The next changes after a number, in their order.

    Changes up to the number `forgotten` are no longer told; `newest` numbers the last that was made.
    """

    changes: Sequence[Change]
    forgotten: int
    newest: int
    has_more: bool


Feed = Callable[[int], Awaitable[ChangesPage]]
"""Gives the next changes after a number."""


class CredentialBook:
    """Who changed when, as far as it was followed: up to `number`. Bounded."""

    def __init__(self, subjects_max: int = SUBJECTS_MAX) -> None:
        self.number = 0
        self.restarts = 0
        """How often the numbers began anew under us: whatever was remembered before says nothing."""
        self._floor = 0
        self._subjects_max = subjects_max
        self._last: OrderedDict[str, int] = OrderedDict()

    def holds(self, as_of: int, subjects: Collection[str]) -> bool:
        """Whether what was true of `subjects` at change `as_of` still is, as far as was followed."""
        if as_of < self._floor:
            return False
        last = self._last
        return all(last.get(subject, 0) <= as_of for subject in subjects)

    def take(self, page: ChangesPage) -> None:
        """Note what the feed told after `number`."""
        if page.newest < self.number:
            self._restart(page.newest)
            return
        if page.forgotten > self.number:
            self._raise_floor(page.forgotten)
        for change in page.changes:
            self.number = max(self.number, change.number)
            self._last[change.subject] = change.number
            self._last.move_to_end(change.subject)
        while len(self._last) > self._subjects_max:
            _, number = self._last.popitem(last=False)
            self._floor = max(self._floor, number)

    def _raise_floor(self, number: int) -> None:
        """What happened up to `number` was missed: nothing that was known before it holds."""
        self._last.clear()
        self._floor = self.number = number

    def _restart(self, number: int) -> None:
        """The numbers are lower than we were: the database came back from a backup."""
        self._raise_floor(number)
        self.restarts += 1


def keys_of(owner_id: str) -> str:
    """The subject on which all keys of a person or service account stand, and their tokens do not."""
    return f"keys:{owner_id}"


def subjects_of(caller: Caller) -> tuple[str, ...]:
    """The ids on which what we know of a caller stands."""
    ids = (caller.id, caller.session_id, caller.key_id, *caller.organizations)
    return tuple(subject for subject in ids if subject)
