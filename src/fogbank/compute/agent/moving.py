"""Counters that were another instance's until now: they go on from what is on that one's bill. Pure.

A cgroup or a guest may be given another instance's name while it runs, and a network may become another's. To the
instance that has it now such a generation is new, and is no life that began since: what it had counted by then is
another's. So each generation is known to one instance only, the one that it was counted for last.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from fogbank.compute.agent.model import Counter, Counts

MOVABLE = (Counter.CPU_US, Counter.EGRESS_BYTES, Counter.INGRESS_BYTES)
"""GPU time is counted from when an instance got the device, and several may hold one: that is nobody else's."""


class Source(NamedTuple):
    """One generation of one counter."""

    counter: Counter
    generation: str


class Counted(NamedTuple):
    """For which instance a generation was counted last, and up to where."""

    instance_id: str
    value: int


def has_new(before: Counts, now: Counts) -> bool:
    """Whether there is a movable generation now that was not there before."""
    for counter in MOVABLE:
        generations = now.get(counter)
        if generations and not generations.keys() <= before.get(counter, {}).keys():
            return True
    return False


def last_counted(known: Iterable[tuple[str, Counts]]) -> dict[Source, Counted]:
    """For every generation, the instance that it was counted for the furthest."""
    found: dict[Source, Counted] = {}
    for instance_id, counts in known:
        for source, value in _movable(counts):
            if source not in found or value > found[source].value:
                found[source] = Counted(instance_id, value)
    return found


def carried_over(before: Counts, now: Counts, counted: Mapping[Source, Counted]) -> Counts:
    """What was counted before of all that an instance has now: by itself, else by another one."""
    carried = {counter: dict(generations) for counter, generations in before.items()}
    for source in _new(before, now):
        if source in counted:
            carried.setdefault(source.counter, {})[source.generation] = counted[source].value
    return carried


def taken_from_others(instance_id: str, now: Counts, counted: Mapping[Source, Counted]) -> dict[str, list[Source]]:
    """By instance, what was counted for it last and is of `instance_id` now."""
    taken: dict[str, list[Source]] = {}
    for source, _ in _movable(now):
        last = counted.get(source)
        if last is not None and last.instance_id != instance_id:
            taken.setdefault(last.instance_id, []).append(source)
    return taken


def without(counts: Counts, sources: Iterable[Source]) -> Counts:
    """The counts without these. A counter that has none left stays, as one that has counted something else."""
    left = {counter: dict(generations) for counter, generations in counts.items()}
    for counter, generation in sources:
        left[counter].pop(generation, None)
    return left


def _new(before: Counts, now: Counts) -> Iterable[Source]:
    return (source for source, _ in _movable(now) if source.generation not in before.get(source.counter, {}))


def _movable(counts: Counts) -> Iterable[tuple[Source, int]]:
    for counter in MOVABLE:
        for generation, value in counts.get(counter, {}).items():
            yield Source(counter, generation), value
