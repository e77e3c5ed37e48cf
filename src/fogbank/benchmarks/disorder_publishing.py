"""The process that sends readings in disorder, each as often as it is told, and says when to kill the usage process."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random

import zstandard

from fogbank.benchmarks.ingest_processes import Load, Where
from fogbank.benchmarks.recording import Recording
from fogbank.events.batch import NODE, Batch, pack
from fogbank.queue.client import QueueClient, usage_subject
from fogbank.simulate.player import events_in

CONFIRMED_ALL, KILL = "confirmed all", "kill"
SEED = 20_260_302
MIXED_BATCHES = 4
"""How many batches of a node are mixed: memory holds their lines."""
CUT_LINES_MAX = 1_500
UNCONFIRMED_MAX = 16
CONFIRMED_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Disorder:
    """How often each reading is sent, and how often the usage process is killed meanwhile. One copy is in order."""

    copies: int
    kills: int


def publish(where: Where, load: Load, disorder: Disorder, directory: Path, pipe: Connection) -> None:
    """Send every reading of the load; say `KILL` at random moments, and `CONFIRMED_ALL` in the end."""
    asyncio.run(_publish(where, load, disorder, directory, pipe))


async def _publish(where: Where, load: Load, disorder: Disorder, directory: Path, pipe: Connection) -> None:
    dice = Random(SEED)  # noqa: S311 - to be repeated, not to be secret
    schedule = load.schedule()
    with Recording.of(load.fleet(), schedule, directory / "recording") as recording:
        batches = [batch for period in schedule for batch in recording.tick(period, schedule.period_seconds)]
        total = sum(events_in(batch) for batch in batches) * disorder.copies
        kills = sorted(dice.sample(range(total), disorder.kills), reverse=True)
        sent, room = 0, asyncio.Semaphore(UNCONFIRMED_MAX)
        async with (
            QueueClient.open(where.url, user=where.user, password=where.password) as queue,
            asyncio.TaskGroup() as sending,
        ):
            for batch in batches if disorder.copies == 1 else disordered(batches, disorder.copies, dice):
                await room.acquire()
                publishing = queue.publish(usage_subject(batch.headers[NODE]), batch, CONFIRMED_SECONDS)
                sending.create_task(publishing).add_done_callback(lambda _: room.release())
                sent += events_in(batch)
                if kills and sent >= kills[-1]:
                    kills.pop()
                    pipe.send(KILL)
    pipe.send(CONFIRMED_ALL)


def disordered(batches: list[Batch], copies: int, dice: Random) -> Iterator[Batch]:
    """Every event of the batches that often: a few batches of a node mixed, shuffled, and cut anew anywhere."""
    mixtures = [mixture for _ in range(copies) for mixture in _mixtures(batches, dice)]
    dice.shuffle(mixtures)
    number = 0
    for mixture in mixtures:
        lines = [line for batch in mixture for line in zstandard.decompress(batch.payload).split(b"\n")]
        dice.shuffle(lines)
        while lines:
            size = dice.randint(1, CUT_LINES_MAX)
            cut, lines = lines[:size], lines[size:]
            yield pack(cut, mixture[0].headers[NODE], number, number + len(cut) - 1)
            number += len(cut)


def _mixtures(batches: list[Batch], dice: Random) -> Iterator[list[Batch]]:
    """The batches in groups of a few, each of one node's, from any time of the run."""
    by_node: dict[str, list[Batch]] = {}
    for batch in batches:
        by_node.setdefault(batch.headers[NODE], []).append(batch)
    for own in by_node.values():
        dice.shuffle(own)
        for first in range(0, len(own), MIXED_BATCHES):
            yield own[first : first + MIXED_BATCHES]
