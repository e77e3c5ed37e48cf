"""Reading a message: its payload taken apart into events, each checked, the wrong ones named and set apart.

There are two ways through, with one meaning. A message whose lines are all right is decoded in one step and its rules
are checked once per distinct value; for any other, each event is judged by itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from fogbank.events.batch import BatchUnreadable, payload_text, split, unpack
from fogbank.events.fields import Fields
from fogbank.events.lines import decode_lines
from fogbank.events.usage_event import EventRejected, Rejection, UsageEvent, require_valid

EVENTS_PER_MESSAGE_MAX = 65_536
"""An event's place in its message must fit 16 bits, for the order in which readings were accepted."""


@dataclass(frozen=True, slots=True)
class WrongEvent:
    """An event that is not valid: its place in the message, its bytes, and why."""

    ordinal: int
    raw: bytes
    rejection: Rejection


@dataclass(frozen=True, slots=True)
class MessageEvents:
    """The events of a message: the valid ones with their places in it, in order, and the wrong ones.

    `fields` are those of the valid ones, and what counts: who is billed may be another than an event says.
    """

    valid: list[UsageEvent]
    fields: Fields
    ordinals: list[int]
    wrong: list[WrongEvent]

    def set_aside(
        self, refused: Mapping[int, Rejection], payload: bytes, headers: Mapping[str, str]
    ) -> "MessageEvents":
        """The same, those refused among the wrong ones, by their place among the valid; with the message's payload."""
        if not refused:
            return self
        raws = unpack(payload, headers)
        ordinals = [(self.ordinals[place], rejection) for place, rejection in refused.items()]
        wrong = [WrongEvent(ordinal, bytes(raws[ordinal]), rejection) for ordinal, rejection in ordinals]
        kept = [place for place in range(len(self.valid)) if place not in refused]
        return MessageEvents(
            [self.valid[place] for place in kept],
            self.fields.at(kept),
            [self.ordinals[place] for place in kept],
            [*self.wrong, *wrong],
        )

    def billed_to(self, owners: Mapping[int, tuple[str, str | None]]) -> "MessageEvents":
        """The same, the user and organisation of some replaced, by their place among the valid."""
        return replace(self, fields=self.fields.billed_to(owners)) if owners else self


def read_events(payload: bytes, headers: Mapping[str, str], received_us: int) -> MessageEvents:
    """Every event of a message that was received at `received_us`; `BatchUnreadable` where it cannot be taken apart.

    Times are judged against when the queue received the message, so the verdict is the same whenever it is read.
    """
    text = payload_text(payload, headers)
    events = decode_lines(text) if text.startswith(b"{") else None
    if events is not None and len(events) <= EVENTS_PER_MESSAGE_MAX:
        fields = Fields.of(events)
        if fields.are_valid(received_us):
            return MessageEvents(events, fields, list(range(len(events))), [])
    return _one_by_one(split(text, headers), received_us)


def _one_by_one(raws: list[bytes | memoryview], received_us: int) -> MessageEvents:
    if len(raws) > EVENTS_PER_MESSAGE_MAX:
        raise BatchUnreadable(f"the message holds more than {EVENTS_PER_MESSAGE_MAX} events")
    valid: list[UsageEvent] = []
    ordinals: list[int] = []
    wrong: list[WrongEvent] = []
    for ordinal, raw in enumerate(raws):
        try:
            event = require_valid(raw, received_us)
        except EventRejected as error:
            wrong.append(WrongEvent(ordinal, bytes(raw), error.rejection))
        else:
            valid.append(event)
            ordinals.append(ordinal)
    return MessageEvents(valid, Fields.of(valid), ordinals, wrong)
