"""How two looks at an instance become one period of usage. Pure: clocks, counters and boots come as numbers.

The promises, for any clock and any counters: periods of an instance never overlap, are never empty and never longer
than an hour; a quantity is never negative; whatever a counter grew by is in exactly one period, or was left unmetered.
"""

from collections.abc import Mapping
from typing import NamedTuple

from fogbank.compute.agent.model import Checkpoint, Counter, Counts, Reading, Tick
from fogbank.events.usage_event import PERIOD_MAX_US, Metrics

PERIOD_MIN_US = 100_000
"""A shorter period is noise: kernels count CPU time in steps of 10 ms. Its usage waits for the next one."""
CLOCK_STEP_MAX_US = 2_000_000
"""A wall clock that is off the monotonic clock by less was corrected; by more, it was set."""
VANISHED_MAX = 16
"""How many vanished generations are remembered: an interface that was out of sight must not count twice."""


class Measured(NamedTuple):
    """A period to report: from `start_us` to the tick's end, in which each counter grew by `growth`."""

    start_us: int
    growth: Mapping[Counter, int]
    resets: tuple[str, ...]


class Waiting(NamedTuple):
    """Nothing to report yet: the clock has not moved past what is already reported. The checkpoint stays."""


class Unmetered(NamedTuple):
    """Too much time has passed for one period: the checkpoint moves to the tick, and no event reports the span."""

    start_us: int


Decision = Measured | Waiting | Unmetered


def decide(checkpoint: Checkpoint, counts: Counts, tick: Tick, not_before: Tick | None = None) -> Decision:
    """What to report of an instance that was at `checkpoint` and has `counts` now.

    The period is what the wall clock says, where the monotonic clock bears it out. A wall clock set ahead makes time
    that never was: the period is as long as really passed. Set back, it shows times again that are reported already:
    nothing is reported until it has passed them. A machine that slept is a clock set ahead: its monotonic clock stood
    still, and nothing ran. `not_before` is a tick at which the instance was not there, or not known to be.
    """
    wall_us = tick.end_us - checkpoint.tick.end_us
    really_us = elapsed_us(checkpoint.tick, tick)
    if min(wall_us, really_us) < PERIOD_MIN_US:
        return Waiting()
    length_us = wall_us if wall_us <= really_us + CLOCK_STEP_MAX_US else really_us
    if length_us > PERIOD_MAX_US or really_us > PERIOD_MAX_US + CLOCK_STEP_MAX_US:
        return Unmetered(checkpoint.tick.end_us)
    if not_before is not None:
        length_us = min(length_us, tick.end_us - not_before.end_us, elapsed_us(not_before, tick))
    if length_us < PERIOD_MIN_US:
        return Waiting()
    growth, resets = growth_of(checkpoint.counts, counts)
    return Measured(tick.end_us - length_us, growth, resets)


def is_another_life(before: Counts, now: Counts) -> bool:
    """Whether the instance was started anew in between: no generation of before counts its CPU time any more."""
    known, counted = before.get(Counter.CPU_US), now.get(Counter.CPU_US)
    return known is not None and counted is not None and bool(counted) and known.keys().isdisjoint(counted)


def elapsed_us(since: Tick, until: Tick) -> int:
    """How much time really passed. Across a boot, what has passed since it: before that the machine was off."""
    if since.boot_id == until.boot_id:
        return until.monotonic_us - since.monotonic_us
    return until.monotonic_us


def growth_of(before: Counts, now: Counts) -> tuple[dict[Counter, int], tuple[str, ...]]:
    """By how much each counter grew, and which generations went backwards.

    A generation not seen before began after the checkpoint, so all it has counted is growth: one that was another
    instance's is no such (see `moving`) and must be in `before`. One that went backwards
    was reset: nobody can say what it counted before and after, so it adds nothing, and is named.
    """
    growth: dict[Counter, int] = {}
    resets: list[str] = []
    for counter, generations in now.items():
        known = before.get(counter, {})
        growth[counter] = 0
        for generation, value in generations.items():
            delta = value - known.get(generation, 0)
            if delta < 0:
                resets.append(f"{counter} {generation}")
            else:
                growth[counter] += delta
    return growth, tuple(resets)


def remembered(before: Counts, now: Counts) -> Counts:
    """The counts for the next checkpoint: all of now, and the last known ones of generations out of sight."""
    if all(counter in now and generations.keys() <= now[counter].keys() for counter, generations in before.items()):
        return now
    return {
        counter: _with_vanished(before.get(counter, {}), now.get(counter, {})) for counter in before.keys() | now.keys()
    }


def _with_vanished(before: Mapping[str, int], now: Mapping[str, int]) -> Mapping[str, int]:
    if before.keys() <= now.keys():
        return now
    vanished = [generation for generation in before if generation not in now][-VANISHED_MAX:]
    return {**{generation: before[generation] for generation in vanished}, **now}


def metrics_of(growth: Mapping[Counter, int], reading: Reading, length_us: int) -> Metrics:
    """The metrics of a period, in the units of the usage event: GB and MB are 10^9 and 10^6 bytes.

    Every metric that is billed is a whole number of micro-units, so nothing is rounded again behind the wire.
    Percentages are of what the instance may use; a burst above its cores passes 100.
    """
    busy_bytes = reading.memory_bytes if reading.memory_busy_bytes is None else reading.memory_busy_bytes
    cpu_us = growth.get(Counter.CPU_US, 0)
    return Metrics(
        cpu_seconds=cpu_us / 1e6,
        cpu_percent_avg=round(100 * cpu_us / (length_us * reading.cores), 3),
        memory_gb=round(reading.memory_bytes / 1e9, 6),
        memory_percent=round(100 * busy_bytes / reading.memory_capacity_bytes, 3),
        storage_gb=round(reading.storage_bytes / 1e9, 6),
        network_egress_mb=growth.get(Counter.EGRESS_BYTES, 0) / 1e6,
        network_ingress_mb=growth.get(Counter.INGRESS_BYTES, 0) / 1e6,
        gpu_seconds=growth.get(Counter.GPU_US, 0) / 1e6,
    )
