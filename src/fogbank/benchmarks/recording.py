"""Recordings: a fleet's batches as they cross the wire, encoded once and kept in a file.

Encoding is the agents' work, on hosts of their own. A benchmark that encoded while it measures would take a fifth of
the machine away from what it measures; so it plays a recording.
"""

import mmap
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from fogbank.events.batch import Batch
from fogbank.simulate.model import Source
from fogbank.simulate.schedule import Schedule

Place = tuple[dict[str, str], int, int]
"""A batch's headers, and where its payload begins and ends in the file."""


@dataclass(frozen=True, slots=True)
class Recording:
    """Every batch of a schedule, by the start of its period: a source that costs nothing to play."""

    payloads: mmap.mmap
    places: dict[int, list[Place]]

    @classmethod
    @contextmanager
    def of(cls, source: Source, schedule: Schedule, path: Path) -> Iterator[Self]:
        """Encode the schedule's batches into the file at `path`."""
        places: dict[int, list[Place]] = {}
        with path.open("w+b") as file:
            for period_start_us in schedule:
                places[period_start_us] = [
                    (batch.headers, file.tell(), file.tell() + file.write(batch.payload))
                    for batch in source.tick(period_start_us, schedule.period_seconds)
                ]
            file.flush()
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as payloads:
                yield cls(payloads, places)

    def tick(self, period_start_us: int, period_seconds: int) -> Iterator[Batch]:  # noqa: ARG002 - a source's signature
        """The batches of that period."""
        for headers, begins, ends in self.places[period_start_us]:
            yield Batch(self.payloads[begins:ends], headers)
