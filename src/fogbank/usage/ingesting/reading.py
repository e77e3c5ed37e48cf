"""Reading messages: into a file of columns for the store, and a list of what was wrong."""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from fogbank.events.batch import BatchUnreadable
from fogbank.events.reading import WrongEvent, read_events
from fogbank.events.usage_event import Rejection
from fogbank.kernel.periods import microseconds_of
from fogbank.queue.client import Message
from fogbank.usage.ingesting.columns import Columns
from fogbank.usage.store.arrow import write_stream

EVENTS_MAX = 400_000
"""How much goes into one insert, where so much waits. Larger ones sort better and leave less to merge."""


@dataclass(frozen=True, slots=True)
class Reading:
    """The first `messages` of some messages, read.

    `file` holds their valid `events` as an Arrow stream for `usage_events`, and is None where there are none; whoever
    stores it removes it. `windows` and `hours` are the starts of the spans that they fall into. `wrong` names what was
    not valid by its message's place: an event, or the message whole.
    """

    messages: int
    events: int
    file: Path | None
    windows: set[int]
    hours: set[int]
    wrong: list[tuple[int, WrongEvent | Rejection]] = field(default_factory=list)


def read_some(messages: Sequence[Message], directory: Path) -> Reading:
    """Read messages until an insert is full. Whatever they hold is either in the file or among the wrong."""
    columns, place = Columns(), 0
    wrong: list[tuple[int, WrongEvent | Rejection]] = []
    while place < len(messages) and len(columns) < EVENTS_MAX:
        message = messages[place]
        try:
            events = read_events(message.payload, message.headers, microseconds_of(message.received_at))
        except BatchUnreadable as error:
            wrong.append((place, Rejection("(message)", str(error))))
        else:
            columns.add(message, events)
            wrong += [(place, each) for each in events.wrong]
        place += 1
    file = _written(columns, directory) if columns else None
    return Reading(place, len(columns), file, columns.windows, columns.hours, wrong)


def _written(columns: Columns, directory: Path) -> Path:
    with tempfile.NamedTemporaryFile(dir=directory, suffix=".arrow", delete=False) as file:
        write_stream(columns.batches, file)
    return Path(file.name)
