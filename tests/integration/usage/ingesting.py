"""A process that ingests until it is killed; with `drain`, until nothing waits, and then prints the audit's figures.

Arguments: the queue's URL, user and password, the store's directory, and `drain` or `for-ever`.
"""

import asyncio
import sys

import msgspec

from fogbank.queue.client import QueueClient
from fogbank.runtime.clock import now_utc
from fogbank.runtime.component import Health
from fogbank.usage.auditing import Auditing
from fogbank.usage.ingesting.ingestion import CONSUMER, Ingestion
from fogbank.usage.ingesting.readers import Readers
from fogbank.usage.rolling import Rolling
from fogbank.usage.stamps import Stamps
from fogbank.usage.store import marks, rollups
from fogbank.usage.store.engine import Engine


async def ingest(url: str, user: str, password: str, directory: str, until: str) -> None:
    dsn = f"chdb://{directory}"
    async with (
        QueueClient.open(url, user=user, password=password) as queue,
        Engine.open(dsn) as engine,
    ):
        revision = await rollups.last_revision(engine)
        stamps = Stamps(now_utc, max(revision, await marks.last_mark(engine)))
        rolling = Rolling(engine, stamps, now_utc, 0.05, revision)
        with Readers.open(dsn) as readers:
            ingestion = Ingestion(queue, engine, readers, stamps, Health(now_utc), ack_wait_seconds=1.0)
            tasks = [asyncio.create_task(ingestion.run()), asyncio.create_task(rolling.run())]
            while until != "drain" or await queue.usage_pending(CONSUMER):  # noqa: ASYNC110 - the queue does not tell
                await asyncio.sleep(0.05)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await rolling.roll_up(quiet_us=0)
            figures = await Auditing(queue, engine, readers, rolling).figures()
        print(msgspec.json.encode(figures).decode())  # noqa: T201


if __name__ == "__main__":
    asyncio.run(ingest(*sys.argv[1:]))
