"""Encoding: readings as usage events 1.0 in batches, fast enough that the load generator is never what is measured.

Most of an event never changes, and what does takes one of few values. So each chunk of a node's instances is one
template with a hole per changing part, and every part is looked up in a table of ready-made bytes.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from fogbank.events.batch import Batch, pack
from fogbank.kernel.periods import instant_of
from fogbank.simulate.model import MEMORY_SIZES_GB, SimulatedInstance
from fogbank.simulate.rhythm import Levels, Readings
from fogbank.simulate.tables import PERMILLE_LEVELS, Pieces, look_up, tables_for

EVENTS_PER_BATCH_MAX = 1_000
HOLES = 8

Numbering = Callable[[int, int], int]
"""The sequence of a period, from its start in µs and its length in seconds: contiguous, whoever asks."""


def on_the_grid(period_start_us: int, period_seconds: int) -> int:
    """Periods numbered since the epoch: right as long as their length stays the same."""
    return period_start_us // (period_seconds * 1_000_000)


@dataclass(slots=True)
class Chunk:
    """Up to 1,000 neighbours on one node, `first` and on in the fleet's order."""

    node_id: str
    first: int
    lines: list[bytes]
    starts_us: Levels
    ends_us: Levels
    node_events_max: int
    offset: int
    _present: NDArray[np.bool_] | None = None
    _template: bytes = field(default=b"")

    def template(self, present: NDArray[np.bool_]) -> bytes:
        """The template of those present; kept, because who is present seldom changes."""
        if self._present is None or not np.array_equal(self._present, present):
            self._template = b"\n".join(line for line, here in zip(self.lines, present, strict=True) if here)
            self._present = present
        return self._template


class Encoder:
    """Encodes the readings of a fixed list of instances, which stand together by node."""

    def __init__(self, instances: Sequence[SimulatedInstance], numbering: Numbering = on_the_grid) -> None:
        self._numbering = numbering
        self._memory_rows = np.array([MEMORY_SIZES_GB.index(one.memory_gb) * PERMILLE_LEVELS for one in instances])
        self._chunks = list(_chunks(instances))

    def batches(self, period_start_us: int, period_seconds: int, readings: Readings) -> Iterator[Batch]:
        """One batch per chunk of a node, of the instances that are there during the period."""
        sequence = self._numbering(period_start_us, period_seconds)
        pieces = self._pieces(period_start_us, period_seconds, readings)
        pieces[:, -1] = _tail(period_start_us, period_seconds, sequence)
        for chunk in self._chunks:
            present = (chunk.starts_us <= period_start_us) & (period_start_us < chunk.ends_us)
            count = int(present.sum())
            if count:
                rows = pieces[chunk.first : chunk.first + len(chunk.lines)][present]
                ndjson = chunk.template(present) % tuple(rows.ravel().tolist())
                # A node's batches are numbered as if all its instances were always there, so no two share a name.
                first = sequence * chunk.node_events_max + chunk.offset
                yield pack([ndjson], chunk.node_id, first, first + count - 1)

    def _pieces(self, period_start_us: int, period_seconds: int, readings: Readings) -> Pieces:
        tables = tables_for(period_seconds)
        pieces = np.empty((len(self._memory_rows), HOLES), dtype=object)
        pieces[:, 0] = _timestamp(period_start_us, period_seconds)
        pieces[:, 1] = look_up(tables.cpu, readings.cpu_permille)
        pieces[:, 2] = tables.memory[self._memory_rows + np.minimum(readings.memory_permille, PERMILLE_LEVELS - 1)]
        pieces[:, 3] = look_up(tables.storage, readings.storage_tenths_gb)
        pieces[:, 4] = look_up(tables.network, readings.egress_hundredths_mb)
        pieces[:, 5] = look_up(tables.network, readings.ingress_hundredths_mb)
        pieces[:, 6] = look_up(tables.gpu, readings.gpu_permille)
        return pieces


def _timestamp(period_start_us: int, period_seconds: int) -> bytes:
    return _rfc3339(period_start_us + period_seconds * 1_000_000)


def _tail(period_start_us: int, period_seconds: int, sequence: int) -> bytes:
    return b'"period":{"start":"%b","end":"%b"},"sequence":%d' % (
        _rfc3339(period_start_us),
        _rfc3339(period_start_us + period_seconds * 1_000_000),
        sequence,
    )


def _rfc3339(instant_us: int) -> bytes:
    return instant_of(instant_us).strftime("%Y-%m-%dT%H:%M:%SZ").encode()


def _chunks(instances: Sequence[SimulatedInstance]) -> Iterator[Chunk]:
    first = 0
    for node_id, group in groupby(instances, key=lambda one: one.node_id):
        neighbours = list(group)
        for offset in range(0, len(neighbours), EVENTS_PER_BATCH_MAX):
            members = neighbours[offset : offset + EVENTS_PER_BATCH_MAX]
            yield Chunk(
                node_id=node_id,
                first=first + offset,
                lines=[_line(one) for one in members],
                starts_us=np.array([one.starts_us for one in members]),
                ends_us=np.array([one.ends_us for one in members]),
                node_events_max=len(neighbours),
                offset=offset,
            )
        first += len(neighbours)


def _line(one: SimulatedInstance) -> bytes:
    """The template of one event. Ids hold no `%`, so they need no escaping."""
    organization = f'"org_id":"{one.org_id}",' if one.org_id else ""
    return (
        '{"event_type":"resource_usage","version":"1.0","timestamp":"%b",'
        f'"user_id":"{one.user_id}",{organization}"instance_id":"{one.instance_id}",'
        '"metrics":{%b,%b,"storage_gb":%b,"network_egress_mb":%b,"network_ingress_mb":%b,"gpu_seconds":%b},'
        f'%b,"node_id":"{one.node_id}"}}'
    ).encode()
