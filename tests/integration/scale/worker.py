"""A process that ingests its share until it is killed. Arguments: the queue's URL, user and password, the store's DSN,
and the share as `worker/workers`."""

import asyncio
import sys

from fogbank.queue.client import QueueClient, Share
from fogbank.runtime.clock import now_utc
from fogbank.runtime.component import Health
from fogbank.usage.ingesting.ingestion import Ingestion
from fogbank.usage.ingesting.readers import Readers
from fogbank.usage.stamps import Stamps
from fogbank.usage.store.engine import Engine

REDELIVERED_SECONDS = 1.0


async def ingest(url: str, user: str, password: str, dsn: str, share: str) -> None:
    worker, workers = map(int, share.split("/"))
    async with QueueClient.open(url, user=user, password=password) as queue, Engine.open(dsn) as engine:
        with Readers.open(dsn) as readers:
            await Ingestion(
                queue,
                engine,
                readers,
                Stamps(now_utc, 0),
                Health(now_utc),
                ack_wait_seconds=REDELIVERED_SECONDS,
                share=Share(worker, workers),
            ).run()


if __name__ == "__main__":
    asyncio.run(ingest(*sys.argv[1:]))
