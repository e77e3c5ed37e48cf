"""Ready-made bytes: every level that a metric can have, already written as JSON."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from fogbank.simulate.model import GPUS_MAX, MEMORY_SIZES_GB, STORAGE_GB_MAX, VCPUS_MAX
from fogbank.simulate.rhythm import Levels

NETWORK_HUNDREDTHS_MAX = 60_000
"""600 MB a period; the fastest links of a simulated fleet are full at that."""
PERMILLE_LEVELS = 1_001

Pieces = NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class Tables:
    """Ready-made bytes for every level of every metric, at one length of period."""

    cpu: Pieces
    memory: Pieces
    storage: Pieces
    network: Pieces
    gpu: Pieces


@lru_cache(maxsize=8)
def tables_for(period_seconds: int) -> Tables:
    """The tables for periods of `period_seconds`; made once."""
    return Tables(
        cpu=_table(
            b'"cpu_seconds":%b,"cpu_percent_avg":%b' % (_number(level * period_seconds, 3), _number(level, 1))
            for level in range(VCPUS_MAX * 1000 + 1)
        ),
        memory=_table(
            b'"memory_gb":%b,"memory_percent":%b' % (_number(level * size_gb, 3), _number(level, 1))
            for size_gb in MEMORY_SIZES_GB
            for level in range(PERMILLE_LEVELS)
        ),
        storage=_table(_number(level, 1) for level in range(STORAGE_GB_MAX * 10 + 1)),
        network=_table(_number(level, 2) for level in range(NETWORK_HUNDREDTHS_MAX + 1)),
        gpu=_table(_number(level * period_seconds, 3) for level in range(GPUS_MAX * 1000 + 1)),
    )


def _table(pieces: Iterator[bytes]) -> Pieces:
    return np.array(list(pieces), dtype=object)


def look_up(table: Pieces, levels: Levels) -> Pieces:
    """The pieces of `levels`; what is beyond the table is its last."""
    found: Pieces = table[np.minimum(levels, len(table) - 1)]
    return found


def _number(scaled: int, decimals: int) -> bytes:
    """`scaled` × 10^-decimals in JSON, as short as it can be: 12500 with 3 decimals is `12.5`."""
    whole, fraction = divmod(scaled, 10**decimals)
    tail = f"{fraction:0{decimals}d}".rstrip("0")
    return f"{whole}.{tail}".encode() if tail else str(whole).encode()
