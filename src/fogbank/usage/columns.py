"""Columns: readings turned into what the store takes, in one pass and without touching each metric from Python.

The metrics of many readings are written by msgspec as one msgpack array. Every one of them is a map of the same keys to
doubles, so each takes the same bytes, and numpy reads the doubles where they lie.
"""

from dataclasses import dataclass, field

import msgspec
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from fogbank.events.reading import MessageEvents
from fogbank.events.usage_event import Metrics, instant_us
from fogbank.kernel.quantities import MICROS_PER_UNIT
from fogbank.queue.client import Message
from fogbank.usage.model import HOUR_US, WINDOW_US
from fogbank.usage.rules import version_of
from fogbank.usage.store.arrow import stream_of
from fogbank.usage.store.schema import METRICS

NO_SEQUENCE = -1

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
    """Readings on their way into the store, column by column."""

    instance_ids: list[str] = field(default_factory=list)
    user_ids: list[str] = field(default_factory=list)
    org_ids: list[str] = field(default_factory=list)
    starts_us: list[int] = field(default_factory=list)
    ends_us: list[int] = field(default_factory=list)
    sequences: list[int] = field(default_factory=list)
    node_ids: list[str] = field(default_factory=list)
    versions: list[NDArray[np.uint64]] = field(default_factory=list)
    metrics: list[NDArray[np.void]] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.instance_ids)

    def add(self, message: Message, events: MessageEvents) -> None:
        """Take the valid events of `message`."""
        valid = events.valid
        self.instance_ids += [event.instance_id for event in valid]
        self.user_ids += [event.user_id for event in valid]
        self.org_ids += [event.org_id or "" for event in valid]
        starts = [event.period.start for event in valid]
        ends = [event.period.end for event in valid]
        instants = {time: instant_us(time) for time in {*starts, *ends}}
        self.starts_us += map(instants.__getitem__, starts)  # type: ignore[arg-type]
        self.ends_us += map(instants.__getitem__, ends)  # type: ignore[arg-type]
        self.sequences += [NO_SEQUENCE if event.sequence is None else event.sequence for event in valid]
        self.node_ids += [message.node_id] * len(valid)
        first = version_of(0, message.stream_sequence, 0)
        self.versions.append(np.uint64(first) - np.array(events.ordinals, np.uint64))
        packed = _packer.encode([event.metrics for event in valid])
        self.metrics.append(
            np.frombuffer(packed, RECORD, count=len(valid), offset=len(packed) - len(valid) * RECORD.itemsize)
        )

    def spans(self) -> tuple[set[int], set[int]]:
        """The starts of the windows and of the hours that these readings fall into."""
        starts = np.unique(np.array(self.starts_us, np.int64))
        return _floors(starts, WINDOW_US), _floors(starts, HOUR_US)

    def arrow(self) -> bytes:
        """All of it as an Arrow stream for `usage_events`."""
        starts, ends = np.array(self.starts_us, np.int64), np.array(self.ends_us, np.int64)
        metrics = np.concatenate(self.metrics)
        return stream_of(
            pa.table(
                {
                    "instance_id": pa.array(self.instance_ids),
                    "period_start_us": starts,
                    "length_us": (ends - starts).astype(np.uint32),
                    "org_id": pa.array(self.org_ids),
                    "user_id": pa.array(self.user_ids),
                    # The same two operations as `kernel.quantities.metric_micros`, on the same doubles.
                    **{name: np.rint(metrics[name] * MICROS_PER_UNIT).astype(np.int64) for name in METRICS},
                    "sequence": np.array(self.sequences, np.int64),
                    "node_id": pa.array(self.node_ids),
                    "version": np.concatenate(self.versions),
                }
            )
        )


def _floors(starts_us: NDArray[np.int64], length_us: int) -> set[int]:
    return set((np.unique(starts_us // length_us) * length_us).tolist())
