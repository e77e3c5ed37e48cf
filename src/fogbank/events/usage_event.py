"""The usage event 1.0: one reading of one instance over one period, exactly as published.

Decoding and type checks are msgspec's, in C; `check` adds what a schema cannot say. Unknown fields are ignored.
Anything else that is not valid is rejected with the field and the reason. An event's identity is
(instance_id, period.start).
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Annotated, Literal, TypeVar

import msgspec
from msgspec import Meta, Struct

from fogbank.kernel.ids import is_id
from fogbank.kernel.periods import microseconds_of

T = TypeVar("T")

PERIOD_MAX_US = 3600 * 1_000_000
AHEAD_MAX_US = 300 * 1_000_000
METRIC_MAX = 1e9
"""A gauge of this size held for an hour, in micro-unit-seconds, still fits 64 bits; more is a broken sensor."""
TIME_CHARACTERS_MAX = 40
ID_CHARACTERS_MAX = 128

Metric = Annotated[float, Meta(ge=0, le=METRIC_MAX)]
WireTime = Annotated[str, Meta(max_length=TIME_CHARACTERS_MAX)] | int | float
"""RFC 3339 text, or Unix seconds, which the network's older nodes send. Bounded, because instants are cached by it."""
WireId = Annotated[str, Meta(max_length=ID_CHARACTERS_MAX)]


class Metrics(Struct, frozen=True, gc=False):
    """What was measured, in the units that the names say. Percentages may pass 100: there are many cores."""

    cpu_seconds: Metric
    cpu_percent_avg: Metric
    memory_gb: Metric
    memory_percent: Metric
    storage_gb: Metric
    network_egress_mb: Metric
    network_ingress_mb: Metric
    gpu_seconds: Metric


class EventPeriod(Struct, frozen=True, gc=False):
    """The half-open span that the metrics cover."""

    start: WireTime
    end: WireTime


class UsageEvent(Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """A reading as it crosses the wire."""

    event_type: Literal["resource_usage"]
    version: Literal["1.0"]
    timestamp: WireTime
    user_id: WireId
    instance_id: WireId
    metrics: Metrics
    period: EventPeriod
    org_id: WireId | None = None
    sequence: Annotated[int, Meta(ge=0, le=2**63 - 1)] | None = None
    node_id: WireId | None = None


@dataclass(frozen=True, slots=True)
class Rejection:
    """Why an event was not accepted: the field it is about, as a dotted path, and the reason."""

    field: str
    reason: str


class EventRejected(ValueError):
    """An event that is not a valid usage event 1.0."""

    def __init__(self, rejection: Rejection) -> None:
        super().__init__(f"{rejection.field}: {rejection.reason}")
        self.rejection = rejection


_decoder = msgspec.json.Decoder(UsageEvent)
_encoder = msgspec.json.Encoder()


def encode_event(event: UsageEvent) -> bytes:
    """The event as one line of JSON, without the line's end."""
    return _encoder.encode(event)


def decode_event(raw: bytes | memoryview) -> UsageEvent:
    """Decode one JSON event and check its types; `EventRejected` says which field is wrong and why."""
    return decoded(_decoder, raw)


def decoded(decoder: msgspec.json.Decoder[T], raw: bytes | memoryview) -> T:
    """What `decoder` reads in one JSON event; `EventRejected` says which field is wrong and why."""
    try:
        return decoder.decode(raw)
    except msgspec.ValidationError as error:
        raise EventRejected(rejection_of(error)) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise EventRejected(Rejection("(event)", f"not JSON: {error}")) from None
    except RecursionError:
        raise EventRejected(Rejection("(event)", "is nested too deeply")) from None


def rejection_of(error: msgspec.ValidationError) -> Rejection:
    """Field and reason from msgspec's message, which ends in the path: ``… - at `$.metrics.cpu_seconds` ``.

    A missing field is named itself, not the object that lacks it.
    """
    reason, _, tail = str(error).partition(" - at `$")
    path = tail.strip("`").lstrip(".")
    missing = MISSING_FIELD.fullmatch(reason)
    if missing:
        return Rejection(f"{path}.{missing[1]}".lstrip("."), "is missing")
    return Rejection(path or "(event)", reason)


MISSING_FIELD = re.compile(r"Object missing required field `(.+)`")


def check(event: UsageEvent, now_us: int) -> Rejection | None:
    """The rules that types cannot say, against the clock's `now_us`; None when the event is valid."""
    return _check_ids(event) or check_times(event.timestamp, event.period.start, event.period.end, now_us)


def _check_ids(event: UsageEvent) -> Rejection | None:
    if (
        _is_id(event.instance_id)
        and _is_id(event.user_id)
        and (event.org_id is None or _is_id(event.org_id))
        and (event.node_id is None or _is_id(event.node_id))
    ):
        return None
    ids = {name: getattr(event, name) for name in ("instance_id", "user_id", "org_id", "node_id")}
    wrong = next(name for name, value in ids.items() if value is not None and not _is_id(value))
    return Rejection(wrong, "must be 1 to 128 of letters, digits and _ . : -")


def check_times(timestamp: WireTime, start: WireTime, end: WireTime, now_us: int) -> Rejection | None:
    """The rules about an event's times, which many events share; None where they are kept."""
    start_us, end_us = instant_us(start), instant_us(end)
    if start_us is None or end_us is None or instant_us(timestamp) is None:
        wrong = "period.start" if start_us is None else "period.end" if end_us is None else "timestamp"
        return Rejection(wrong, "must be an RFC 3339 time in UTC, or Unix seconds")
    if end_us <= start_us:
        return Rejection("period.end", "must be after period.start")
    if end_us - start_us > PERIOD_MAX_US:
        return Rejection("period.end", "must be at most one hour after period.start")
    if end_us > now_us + AHEAD_MAX_US:
        return Rejection("period.end", "is more than five minutes in the future")
    return None


def require_valid(raw: bytes | memoryview, now_us: int) -> UsageEvent:
    """Decode and check one event; `EventRejected` where it is not valid."""
    event = decode_event(raw)
    rejection = check(event, now_us)
    if rejection is not None:
        raise EventRejected(rejection)
    return event


@lru_cache(maxsize=65_536)
def instant_us(time: WireTime) -> int | None:
    """Microseconds since the Unix epoch; None where `time` is no time. Cached: a fleet shares its grid's instants."""
    if isinstance(time, str):
        return _instant_of_text(time)
    try:
        microseconds = round(time * 1_000_000)
    except (OverflowError, ValueError):
        return None
    return microseconds if 0 <= microseconds <= INSTANT_MAX_US else None


INSTANT_MAX_US = microseconds_of(datetime(2200, 1, 1, tzinfo=UTC))

_time_decoder = msgspec.json.Decoder(Annotated[datetime, Meta(tz=True)])


def _instant_of_text(text: str) -> int | None:
    try:
        instant = _time_decoder.decode(_encoder.encode(text))
    except msgspec.ValidationError:
        return None
    microseconds = microseconds_of(instant)
    return microseconds if 0 <= microseconds <= INSTANT_MAX_US else None


_is_id = lru_cache(maxsize=1_048_576)(is_id)
