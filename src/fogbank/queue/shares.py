"""Shares: how several workers divide the readings among them, and where a new division begins. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from fogbank.queue.subjects import PARTITIONS, USAGE_KEPT, USAGE_SUBJECTS

NAME = re.compile(r"(?P<consumer>.+)-(?P<worker>\d+)-of-(?P<workers>\d+)")


@dataclass(frozen=True, slots=True)
class Share:
    """The part of worker `worker`, counted from 0, of `workers`. A node's readings are all in one share."""

    worker: int = 0
    workers: int = 1

    def __post_init__(self) -> None:
        if not 0 <= self.worker < self.workers <= PARTITIONS:
            raise ValueError(f"worker {self.worker} of {self.workers}: count from 0, up to {PARTITIONS} workers")

    @property
    def subjects(self) -> list[str]:
        """What `USAGE` keeps of it; what is kept from before there were partitions is the first worker's."""
        if self.workers == 1:
            return [USAGE_KEPT]
        partitions = [f"usage.v1.{partition}.*" for partition in range(self.worker, PARTITIONS, self.workers)]
        return partitions if self.worker else [USAGE_SUBJECTS, *partitions]

    def of(self, consumer: str) -> str:
        """The durable name under which this share of what `consumer` reads is remembered."""
        return consumer if self.workers == 1 else f"{consumer}-{self.worker}-of-{self.workers}"


ALL = Share()


def share_named(name: str, consumer: str) -> Share | None:
    """The share of `consumer` that a durable name stands for; None where it is somebody else's."""
    if name == consumer:
        return ALL
    match = NAME.fullmatch(name)
    if match is None or match["consumer"] != consumer:
        return None
    return Share(int(match["worker"]), int(match["workers"]))


def first_unread(floors: Mapping[Share, int]) -> int:
    """The place in the stream where a share that is new begins, from up to where each other one is acknowledged.

    Only all workers of one division together have read everything, up to the lowest of their floors; of several
    divisions, the one that came furthest counts. With none whole, it is the beginning: repeating changes nothing.
    """
    divisions = {share.workers for share in floors}
    whole = [
        min(floors[Share(worker, workers)] for worker in range(workers))
        for workers in divisions
        if all(Share(worker, workers) in floors for worker in range(workers))
    ]
    return max(whole, default=0) + 1
