"""Reading a body: each event judged, the right ones kept in order, the wrong ones named. Pure.

A body that is right as a whole is decoded in one step, and its rules are checked once per distinct value; any other is
judged event by event, with the same verdicts (`events.reading`).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import msgspec
import numpy as np
from msgspec import Struct

from fogbank.events.batch import CONTENT_TYPE, NDJSON, BatchUnreadable, split
from fogbank.events.fields import Fields
from fogbank.events.reading import EVENTS_PER_MESSAGE_MAX, MessageEvents, read_events
from fogbank.events.usage_event import EventRejected, Rejection, UsageEvent, check, require_valid
from fogbank.queue.door.cloudevents import check_headers, decode_batch, decode_envelope, within_data
from fogbank.queue.door.errors import BodyTooLarge, BodyUnreadable
from fogbank.queue.door.forms import Form

REASON_CHARACTERS_MAX = 512
SEPARATORS_PER_EVENT = 64
"""An event has 21 fields. A body of far more commas and line breaks than its events need is taken apart for nothing."""


class WrongEvent(Struct, frozen=True):
    """An event that was not taken: its place in the body from 0, the field, and the reason."""

    ordinal: int
    field: str
    reason: str


@dataclass(frozen=True, slots=True)
class BodyEvents:
    """The events of a body: the right ones, their fields and places in it, and the wrong ones.

    `lines` is the body itself, where it is NDJSON and nothing in it is wrong: it goes on as it came.
    """

    valid: list[UsageEvent]
    fields: Fields
    ordinals: list[int]
    wrong: list[WrongEvent]
    lines: bytes | None = None

    @property
    def count(self) -> int:
        return len(self.valid) + len(self.wrong)


Judge = Callable[[bytes | memoryview], UsageEvent]
"""Decodes and checks one event, or says with `EventRejected` what is wrong."""

_array_decoder = msgspec.json.Decoder(list[UsageEvent])


def read_body(text: bytes, form: Form, headers: Mapping[str, str], now_us: int, events_max: int) -> BodyEvents:
    """The events of an unpacked body at `now_us`, at most `events_max`.

    `BodyTooLarge` for more, `BodyUnreadable` where it cannot be taken apart or holds no event at all.
    """
    text = text.strip()
    _require_few_separators(text, events_max)
    try:
        events = _read(text, form, headers, now_us)
    except BatchUnreadable as error:
        raise BodyUnreadable(f"The body holds no events: {error}.") from None
    if events.count > min(events_max, EVENTS_PER_MESSAGE_MAX):
        raise BodyTooLarge(f"The body holds {events.count} events; send at most {events_max} at once.")
    if events.count == 0:
        raise BodyUnreadable("The body holds no event; send at least one.")
    return events


def _read(text: bytes, form: Form, headers: Mapping[str, str], now_us: int) -> BodyEvents:
    if form is Form.CLOUD_EVENTS:
        whole = _all_right(decode_batch(text), now_us)
        return whole or _one_by_one(_items(text), _judge_envelope(now_us))
    if form is Form.CLOUD_EVENT:
        return _one_by_one([text], _judge_envelope(now_us))
    if form is Form.CLOUD_BINARY:
        return _one_by_one([text], _judge_binary(headers, now_us))
    whole = _all_right(_decoded_array(text), now_us) if text.startswith(b"[") else None
    return whole or _as_on_the_queue(text, form, now_us)


def _as_on_the_queue(text: bytes, form: Form, now_us: int) -> BodyEvents:
    read = read_events(text, {CONTENT_TYPE: NDJSON if form is Form.NDJSON else str(form)}, now_us)
    wrong = [_wrong(each.ordinal, each.rejection) for each in read.wrong]
    return BodyEvents(read.valid, read.fields, read.ordinals, wrong, text if _is_its_lines(text, read) else None)


def _is_its_lines(text: bytes, read: MessageEvents) -> bool:
    """Whether each line is one right event: there are as many of them as lines, and no more."""
    return not read.wrong and text.startswith(b"{") and _count(text, b"\n") + 1 == len(read.valid)


def _decoded_array(text: bytes) -> list[UsageEvent] | None:
    try:
        return _array_decoder.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _all_right(events: list[UsageEvent] | None, now_us: int) -> BodyEvents | None:
    """The events where every one of them is right, else None: then each is judged by itself."""
    if events is None:
        return None
    fields = Fields.of(events)
    return BodyEvents(events, fields, list(range(len(events))), []) if fields.are_valid(now_us) else None


def _one_by_one(raws: list[bytes | memoryview], judge: Judge) -> BodyEvents:
    valid: list[UsageEvent] = []
    ordinals: list[int] = []
    wrong: list[WrongEvent] = []
    for ordinal, raw in enumerate(raws):
        try:
            event = judge(raw)
        except EventRejected as error:
            wrong.append(_wrong(ordinal, error.rejection))
        else:
            valid.append(event)
            ordinals.append(ordinal)
    return BodyEvents(valid, Fields.of(valid), ordinals, wrong)


def _judge_envelope(now_us: int) -> Judge:
    def judge(raw: bytes | memoryview) -> UsageEvent:
        event = decode_envelope(raw)
        rejection = check(event, now_us)
        if rejection is not None:
            raise EventRejected(within_data(rejection))
        return event

    return judge


def _judge_binary(headers: Mapping[str, str], now_us: int) -> Judge:
    def judge(raw: bytes | memoryview) -> UsageEvent:
        rejection = check_headers(headers)
        if rejection is not None:
            raise EventRejected(rejection)
        return require_valid(raw, now_us)

    return judge


def _items(text: bytes) -> list[bytes | memoryview]:
    if not text.startswith(b"["):
        raise BatchUnreadable("the payload is not a JSON array")
    return split(text, None)


def _wrong(ordinal: int, rejection: Rejection) -> WrongEvent:
    return WrongEvent(ordinal, rejection.field, rejection.reason[:REASON_CHARACTERS_MAX])


def _require_few_separators(text: bytes, events_max: int) -> None:
    most = events_max * SEPARATORS_PER_EVENT
    if len(text) > most and _count(text, b",") + _count(text, b"\n") > most:
        raise BodyTooLarge(f"The body holds far more than {events_max} events have; send less at once.")


def _count(text: bytes, byte: bytes) -> int:
    # Several times as fast as `bytes.count` where there are many.
    return int(np.count_nonzero(np.frombuffer(text, np.uint8) == byte[0]))
