"""Counting what a batch brings into each window, by a look at two of its columns, most often at one."""

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from fogbank.usage.mending.model import Run
from fogbank.usage.model import WINDOW_US
from fogbank.usage.rules import EARLIEST, ORDINAL_BITS

FEW_WINDOWS = 100_000
"""Up to so many are counted in an array of them all, which costs a sixth of sorting."""


def runs_in(file: Path, sequences: Sequence[int]) -> list[Run]:
    """How many readings of an Arrow stream for `usage_events` fall into each window, by runs of messages.

    `sequences` are the places in the queue of all the messages that were read. Almost always they are without a gap,
    and one run.
    """
    spans = without_gaps(sorted(sequences))
    with pa.memory_map(str(file)) as source:
        table = pa.ipc.open_stream(source).read_all()
        windows = table["period_start_us"].to_numpy() // WINDOW_US
        if len(spans) == 1:
            return _counted(windows, *spans[0])
        messages = (EARLIEST - table["version"].to_numpy()) >> ORDINAL_BITS
    return [
        run for first, last in spans for run in _counted(windows[(messages >= first) & (messages <= last)], first, last)
    ]


def _counted(numbers: NDArray[np.int64], first: int, last: int) -> list[Run]:
    """The run by windows, which are given by their numbers."""
    if not len(numbers):
        return []
    low, high = int(numbers.min()), int(numbers.max())
    if high - low < FEW_WINDOWS:
        counts = np.bincount(numbers - low).tolist()
        found = [(low + place, events) for place, events in enumerate(counts) if events]
    else:
        windows, events = np.unique(numbers, return_counts=True)
        found = list(zip(windows.tolist(), events.tolist(), strict=True))
    return [Run(number * WINDOW_US, first, last, events) for number, events in found]


def without_gaps(sequences: Sequence[int]) -> list[tuple[int, int]]:
    """The sequences, which ascend, as runs from first to last, both included."""
    breaks = [place for place in range(1, len(sequences)) if sequences[place] != sequences[place - 1] + 1]
    edges = [0, *breaks, len(sequences)]
    return [(sequences[start], sequences[end - 1]) for start, end in pairwise(edges)]
