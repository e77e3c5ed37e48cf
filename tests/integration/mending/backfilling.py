"""A process that sends a file until it is done or killed.

Arguments: the queue's URL, user and password, the file, the directory of journals.
"""

import asyncio
import sys
from pathlib import Path

from fogbank.kernel.periods import microseconds_of
from fogbank.queue.client import QueueClient
from fogbank.runtime.clock import monotonic_seconds, now_utc
from fogbank.usage.mending.backfill.sending import Backfill


async def backfill(url: str, user: str, password: str, path: str, directory: str) -> None:
    async with QueueClient.open(url, user=user, password=password) as queue:
        now_us = microseconds_of(now_utc())
        sending = Backfill(queue, "history", Path(directory), now_us, monotonic_seconds, lambda _progress: None)
        await sending.send(Path(path))


if __name__ == "__main__":
    asyncio.run(backfill(*sys.argv[1:]))
