"""What is set aside of a message: each wrong reading by itself, or, where they are many, the message whole. Pure.

Each entry of the quarantine is a message of its own there. Without a bound, a hundred bytes that unpack to thousands of
wrong readings would hold up everybody's readings, and push everybody's entries out.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from fogbank.events.reading import WrongEvent
from fogbank.events.usage_event import Rejection
from fogbank.queue.client import Message

APART_MAX = 200
"""Up to so many wrong readings of a message are set aside each by itself."""


class SetAside(NamedTuple):
    """An entry for the quarantine: `ordinal` is the reading's place in its message, None for the message whole."""

    message: Message
    ordinal: int | None
    payload: bytes
    rejection: Rejection


def set_aside(messages: Sequence[Message], wrong: Iterable[tuple[int, WrongEvent | Rejection]]) -> Iterator[SetAside]:
    """The entries for what was wrong, which is given with its message's place, message after message."""
    for place, of_message in groupby(wrong, key=itemgetter(0)):
        message, whats = messages[place], [what for _, what in of_message]
        first = whats[0]
        if isinstance(first, WrongEvent) and len(whats) > APART_MAX:
            yield SetAside(message, None, message.payload, _of_many(first, len(whats)))
            continue
        for what in whats:
            if isinstance(what, WrongEvent):
                yield SetAside(message, what.ordinal, bytes(what.raw), what.rejection)
            else:
                yield SetAside(message, None, message.payload, what)


def _of_many(first: WrongEvent, count: int) -> Rejection:
    rejection = first.rejection
    reason = f"holds {count} readings that are not taken; the first: {rejection.field} {rejection.reason}"
    return Rejection("(message)", reason)
