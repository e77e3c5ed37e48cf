"""What this machine has computed and holds, as Linux tells it in /proc."""

import os
from pathlib import Path
from typing import NamedTuple

PROC = Path("/proc")
BUSY_COLUMNS = (1, 2, 3, 6, 7)
"""user, nice, system, irq, softirq. Waiting is not busy, stolen time is another machine's, a guest's is in `user`."""


class HostLoad(NamedTuple):
    """CPU time since the boot, of all cores; memory that is in use, and all there is."""

    cpu_busy_us: int
    memory_bytes: int
    memory_capacity_bytes: int


def linux_load(proc: Path = PROC) -> HostLoad:
    """What holds now; `ValueError` where the files say something else."""
    all_cores, _, _ = (proc / "stat").read_text().partition("\n")
    memory = dict(line.split(":", 1) for line in (proc / "meminfo").read_text().splitlines())
    capacity_bytes = _bytes_of(memory, "MemTotal")
    # Caches that the kernel gives up on demand are nobody's use.
    return HostLoad(_busy_us(all_cores), capacity_bytes - _bytes_of(memory, "MemAvailable"), capacity_bytes)


def _busy_us(all_cores: str) -> int:
    columns = all_cores.split()
    busy_us = sum(int(columns[each]) for each in BUSY_COLUMNS) * 1_000_000 // os.sysconf("SC_CLK_TCK")
    if busy_us == 0:
        raise ValueError("/proc/stat shows no CPU time at all, so it is not this machine's")
    return busy_us


def _bytes_of(memory: dict[str, str], name: str) -> int:
    if name not in memory:
        raise ValueError(f"/proc/meminfo has no {name}")
    return int(memory[name].removesuffix("kB")) * 1024
