"""Columns: readings turned into what the store takes, without touching each metric from Python.

The metrics of many readings are written by msgspec as one msgpack array. Every one of them is a map of the same keys to
doubles, so each takes the same bytes, and numpy reads the doubles where they lie.
"""

from dataclasses import dataclass, field

import msgspec
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from fogbank.events.reading import MessageEvents
from fogbank.events.usage_event import Metrics, WireTime, instant_us
from fogbank.kernel.quantities import MICROS_PER_UNIT
from fogbank.queue.client import Message, is_of_door
from fogbank.usage.model import HOUR_US, WINDOW_US
from fogbank.usage.rules import start_of, version_of
from fogbank.usage.store.schema import METRICS

NO_SEQUENCE = -1
COLUMNS = [
    "instance_id",
    "period_start_us",
    "length_us",
    "org_id",
    "user_id",
    *METRICS,
    "sequence",
    "node_id",
    "version",
]

_packer = msgspec.msgpack.Encoder()


def _record() -> np.dtype[np.void]:
    parts: list[tuple[str, str]] = [("map_header", "u1")]
    for name in Metrics.__struct_fields__:
        parts += [(f"key_of_{name}", f"V{1 + len(name)}"), (f"type_of_{name}", "u1"), (name, ">f8")]
    return np.dtype(parts)


RECORD = _record()
"""One `Metrics` in msgpack: a map header, then for each field its key, the byte that says double, and the double."""


@dataclass(slots=True)
class Columns:
    """Readings on their way into the store: one record batch per message, while what it is made of is still at hand."""

    events: int = 0
    windows: set[int] = field(default_factory=set)
    batches: list[pa.RecordBatch] = field(default_factory=list)

    def __len__(self) -> int:
        return self.events

    def add(self, message: Message, read: MessageEvents) -> None:
        """Take the valid events of `message`."""
        events = read.valid
        if not events:
            return
        fields = read.fields
        first = version_of(0, message.stream_sequence, 0, is_reported=is_of_door(message.node_id))
        starts_us, ends_us = (
            instants_us(times, are_equal=fields.are_of_one_tick) for times in (fields.starts, fields.ends)
        )
        columns = [
            pa.array(fields.instance_ids),
            pa.array(starts_us),
            pa.array((ends_us - starts_us).astype(np.uint32)),
            pa.array(fields.org_ids, pa.string()).fill_null(""),
            pa.array(fields.user_ids),
            *metrics_micros([event.metrics for event in events]),
            pa.array([NO_SEQUENCE if event.sequence is None else event.sequence for event in events], pa.int64()),
            pa.repeat(message.node_id, len(events)),
            pa.array(np.uint64(first) - np.array(read.ordinals, np.uint64)),
        ]
        self.batches.append(pa.record_batch(columns, names=COLUMNS))
        self.windows.update((np.unique(starts_us // WINDOW_US) * WINDOW_US).tolist())
        self.events += len(events)

    @property
    def hours(self) -> set[int]:
        """The starts of the hours that the readings fall into."""
        return {start_of(window, HOUR_US) for window in self.windows}


def instants_us(times: list[WireTime], *, are_equal: bool = False) -> NDArray[np.int64]:
    """Microseconds since the epoch of valid times, at a glance where all are the same."""
    if are_equal and times:
        return np.full(len(times), instant_us(times[0]), np.int64)
    return np.array([instant_us(time) for time in times], np.int64)


def metrics_micros(metrics: list[Metrics]) -> list[pa.Array]:
    """One column of micro-units per metric, by the two operations of `kernel.quantities.metric_micros` on doubles.

    Every metric is a `float`, as decoding makes it; an `int` takes other bytes, and is refused.
    """
    packed, count = _packer.encode(metrics), len(metrics)
    header_bytes = 1 if count < 16 else 3 if count < 65_536 else 5  # noqa: PLR2004 - msgpack's three sorts of array
    if len(packed) != header_bytes + count * RECORD.itemsize:
        raise TypeError("a metric is not a float")
    records = np.frombuffer(packed, RECORD, offset=header_bytes)
    return [pa.array(np.rint(records[name] * MICROS_PER_UNIT).astype(np.int64)) for name in METRICS]
