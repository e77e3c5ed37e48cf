"""Reading messages: into a file of columns for the store, and a list of what was wrong."""

import tempfile
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path

from fogbank.compute.client import Judge, Judging
from fogbank.events.batch import BatchUnreadable
from fogbank.events.reading import MessageEvents, WrongEvent, read_events
from fogbank.events.usage_event import Rejection
from fogbank.kernel.periods import microseconds_of
from fogbank.queue.client import Message
from fogbank.usage.ingesting.columns import Columns
from fogbank.usage.ingesting.floors import without_expired
from fogbank.usage.retention.model import NO_FLOORS, PayerFloors
from fogbank.usage.store.arrow import write_stream

EVENTS_MAX = 400_000
"""How much goes into one insert, where so much waits. Larger ones sort better and leave less to merge."""


Wrong = list[tuple[int, WrongEvent | Rejection]]


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
    wrong: Wrong = field(default_factory=list)


def read_some(
    messages: Sequence[Message], directory: Path, floors: PayerFloors = NO_FLOORS, judging: Judging | None = None
) -> Reading:
    """Read messages until an insert is full. Whatever they hold is either in the file or among the wrong.

    With `judging`, what is not admitted is wrong, and readings go to whom they are billed. Those below that payer's
    floor are wrong. Whether any may be is one look at the windows when all is read, so that it costs nothing where
    none is; else all is read again, reading by reading.
    """
    with judging.judge() if judging else nullcontext() as judge:
        columns, read, wrong = _columns_of(messages, None, judge)
        if min(columns.windows, default=floors.highest_us) < floors.highest_us:
            columns, read, wrong = _columns_of(messages, floors, judge)
    file = _written(columns, directory) if columns else None
    return Reading(read, len(columns), file, columns.windows, columns.hours, wrong)


def _columns_of(
    messages: Sequence[Message], floors: PayerFloors | None, judge: Judge | None
) -> tuple[Columns, int, Wrong]:
    columns, place = Columns(), 0
    wrong: Wrong = []
    while place < len(messages) and len(columns) < EVENTS_MAX:
        message = messages[place]
        events = _events_of(message, floors, judge)
        if isinstance(events, Rejection):
            wrong.append((place, events))
        else:
            columns.add(message, events)
            wrong += [(place, each) for each in events.wrong]
        place += 1
    return columns, place, wrong


def _events_of(message: Message, floors: PayerFloors | None, judge: Judge | None) -> MessageEvents | Rejection:
    """What a message holds, or why it is wrong as a whole."""
    sender = judge.sender(message) if judge else None
    if isinstance(sender, Rejection):
        return sender
    try:
        events = read_events(message.payload, message.headers, microseconds_of(message.received_at))
    except BatchUnreadable as error:
        return Rejection("(message)", str(error))
    if judge and sender:
        events = judge.judged(events, message, sender).events
    return events if floors is None else without_expired(events, message, floors)


def _written(columns: Columns, directory: Path) -> Path:
    with tempfile.NamedTemporaryFile(dir=directory, suffix=".arrow", delete=False) as file:
        write_stream(columns.batches, file)
    return Path(file.name)
