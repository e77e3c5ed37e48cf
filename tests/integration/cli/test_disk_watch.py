"""A full disk: said once; the queue, which does not recover by itself, is ended for its supervisor when it is over."""

import asyncio

from fogbank.cli.disk_watch import FULL, FULL_BYTES, ROOMY, ROOMY_BYTES, watch_disk
from fogbank.runtime.embedded import running_nats, temporary_directory


async def test_the_queue_is_ended_once_there_is_room_again_and_not_before() -> None:
    free = iter([ROOMY_BYTES, FULL_BYTES - 1, 0, ROOMY_BYTES - 1, ROOMY_BYTES])
    said: list[tuple[str, bool]] = []
    with temporary_directory() as directory:
        async with running_nats(directory) as nats:
            assert nats.process is not None
            process = nats.process
            watching = asyncio.create_task(
                watch_disk(
                    lambda: next(free, ROOMY_BYTES),
                    nats,
                    lambda words: said.append((words, process.is_running)),
                    look_seconds=0,
                )
            )
            await process.wait()
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)
    assert said == [(FULL, True), (ROOMY, True)]
