"""`disorder`: the same readings once in order, and three times shuffled while the usage process is killed.

Two systems are started. The first gets a fleet's readings as they come. The second gets every reading three times: the
batches in any order, the lines of a few batches of a node mixed and cut anew anywhere, and five times its usage process
is ended by SIGKILL. At rest, every table must hold the same rows, and every payer's month must cost the same.
"""

from dataclasses import asdict
from multiprocessing.connection import Connection
from pathlib import Path

from fogbank.benchmarks.disorder_publishing import CONFIRMED_ALL, Disorder, publish
from fogbank.benchmarks.disorder_storing import DIE, DRAIN, Outcome, conclude, serve
from fogbank.benchmarks.ingest import received, spawned
from fogbank.benchmarks.ingest_processes import Load, Where
from fogbank.queue.client import QueueClient, StreamLimits
from fogbank.runtime.clock import monotonic_seconds
from fogbank.runtime.embedded import running_nats, temporary_directory


async def run(
    *, events: int = 10_000_000, instances: int = 10_000, copies: int = 3, kills: int = 5
) -> dict[str, object]:
    """Both runs, and whether they end alike; everything is started here and removed again."""
    load = Load.of(events, instances)
    begins = monotonic_seconds()
    in_order = await _played(load, Disorder(copies=1, kills=0))
    half_time = monotonic_seconds()
    disordered = await _played(load, Disorder(copies, kills))
    return {
        "is_identical": in_order == disordered,
        "events": in_order.tables["usage_events"].rows,
        "copies": copies,
        "kills": kills,
        "in_order": {**asdict(in_order), "seconds": round(half_time - begins, 1)},
        "disordered": {**asdict(disordered), "seconds": round(monotonic_seconds() - half_time, 1)},
    }


async def _played(load: Load, disorder: Disorder) -> Outcome:
    """What a system holds after it was sent the load in that disorder, and came to rest."""
    with temporary_directory() as directory:
        async with running_nats(directory) as nats:
            where = Where(nats.url, nats.user, nats.password)
            async with QueueClient.open(nats.url, user=nats.user, password=nats.password) as queue:
                limits = StreamLimits(usage_bytes_max=2 * disorder.copies * load.stream_bytes_max)
                await queue.ensure_streams(limits)
            with spawned(publish, where, load, disorder, directory) as publisher:
                await _served(where, directory, publisher)
            with spawned(conclude, directory) as concluding:
                outcome: Outcome = await received(concluding)
                return outcome


async def _served(where: Where, directory: Path, publisher: Connection) -> None:
    """Usage processes, one after the other: each is killed when the publisher says so, and the last one drains."""
    is_last = False
    while not is_last:
        with spawned(serve, where, directory) as usage:
            await received(usage)
            is_last = await received(publisher) == CONFIRMED_ALL
            usage.send(DRAIN if is_last else DIE)
            if is_last:
                await received(usage)
