"""Traces: what real machines did, as usage events.

The form is that of the PlanetLab records that cloud research uses: a CSV of one row a machine, its name first, then its
CPU percentage in every five minutes of a day. What such a record does not have (memory, disk, network) follows from the
CPU by fixed proportions, so a trace too gives the same bytes each time.
"""

import csv
import re
import zlib
from collections.abc import Iterable, Iterator

import numpy as np

from fogbank.events.batch import Batch
from fogbank.kernel.ids import is_id
from fogbank.simulate.encode import Encoder
from fogbank.simulate.model import Kind, SimulatedInstance
from fogbank.simulate.rhythm import Levels, Readings

STEP_SECONDS = 300
VCPUS, MEMORY_GB, STORAGE_GB = 1, 2, 40
USERS_PER_ORGANIZATION = 4
PERCENT_MAX = 100
NOT_IN_IDS = re.compile(r"[^A-Za-z0-9_.:-]", re.ASCII)


class TraceUnreadable(ValueError):
    """The file is not a trace; the text names the line and what is wrong with it."""


class Trace:
    """A recorded day, from midnight UTC; every day of a run plays it over again."""

    def __init__(self, names: list[str], percents: Levels, *, nodes: int, organizations: int) -> None:
        order = np.argsort([zlib.crc32(name.encode()) % nodes for name in names], kind="stable")
        self.instances = [_instance(names[row], nodes, organizations) for row in order]
        self._percents = percents[order]
        self._encoder = Encoder(self.instances)

    def tick(self, period_start_us: int, period_seconds: int) -> Iterator[Batch]:
        """The readings of one period, which lies within one step of the record: 300 s, or a part that divides it."""
        if STEP_SECONDS % period_seconds:
            raise ValueError(f"a period of a trace divides {STEP_SECONDS} seconds; {period_seconds} does not")
        step = period_start_us // (STEP_SECONDS * 1_000_000)
        readings = readings_of(self._percents[:, step % self._percents.shape[1]], period_seconds)
        return self._encoder.batches(period_start_us, period_seconds, readings)


def readings_of(percents: Levels, period_seconds: int) -> Readings:
    """What machines of one vCPU read at those percentages of it."""
    cpu_hundredths = percents * period_seconds
    return Readings(
        cpu_permille=percents * 10,
        memory_permille=300 + percents * 4,
        storage_tenths_gb=np.full(len(percents), STORAGE_GB * 5),
        egress_hundredths_mb=cpu_hundredths // 4,
        ingress_hundredths_mb=cpu_hundredths // 10,
        gpu_permille=np.zeros(len(percents), dtype=np.int64),
    )


def read_trace(lines: Iterable[str], *, nodes: int, organizations: int) -> Trace:
    """The trace in those lines of CSV; `TraceUnreadable` where they are none."""
    rows = csv.reader(lines)
    columns = len(next(rows, [])) - 1
    if columns < 1:
        raise TraceUnreadable("line 1: a trace begins with a header: the machine, then the minutes of its readings")
    machines: dict[str, list[int]] = {}
    for number, row in enumerate(rows, start=2):
        name, percents = _machine(number, row, columns)
        if name in machines:
            raise TraceUnreadable(f"line {number}: the machine '{name}' is there twice")
        machines[name] = percents
    if not machines:
        raise TraceUnreadable("line 2: there is no machine in it")
    levels = np.array(list(machines.values()), dtype=np.int64)
    return Trace(list(machines), levels, nodes=nodes, organizations=organizations)


def _machine(number: int, row: list[str], columns: int) -> tuple[str, list[int]]:
    recorded_name, *texts = row or [""]
    # The published records have names with spaces in them.
    name = NOT_IN_IDS.sub("_", recorded_name)
    if not is_id(name):
        raise TraceUnreadable(f"line {number}: a machine's name has 1 to 128 characters; '{name[:40]}' has {len(name)}")
    if len(texts) != columns:
        raise TraceUnreadable(f"line {number}: {columns} readings are expected, and {len(texts)} are there")
    wrong = next((text for text in texts if not _is_percentage(text)), None)
    if wrong is not None:
        raise TraceUnreadable(f"line {number}: '{wrong[:40]}' is not a whole percentage from 0 to {PERCENT_MAX}")
    return name, [int(text) for text in texts]


def _is_percentage(text: str) -> bool:
    return text.isascii() and text.isdecimal() and int(text) <= PERCENT_MAX


def _instance(name: str, nodes: int, organizations: int) -> SimulatedInstance:
    hashed = zlib.crc32(name.encode())
    organization = hashed // nodes % organizations
    return SimulatedInstance(
        instance_id=name,
        user_id=f"user_trace_{organization * USERS_PER_ORGANIZATION + hashed % USERS_PER_ORGANIZATION:05d}",
        org_id=f"org_trace_{organization:04d}",
        node_id=f"node_trace_{hashed % nodes:04d}",
        kind=Kind.WORKER,
        vcpus=VCPUS,
        memory_gb=MEMORY_GB,
        storage_gb=STORAGE_GB,
    )
