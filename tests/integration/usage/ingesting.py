"""A process that ingests until it is killed; with `drain`, until nothing waits, and then prints the audit's figures.

Arguments: the queue's URL, user and password, the store's directory, and `drain` or `for-ever`.
"""

import asyncio
import sys
from dataclasses import replace

import msgspec

from fogbank.queue.client import QueueClient
from fogbank.runtime.clock import now_utc
from fogbank.usage.flow import Flow
from fogbank.usage.ingesting.ingestion import CONSUMER


async def ingest(url: str, user: str, password: str, directory: str, until: str) -> None:
    async with (
        QueueClient.open(url, user=user, password=password) as queue,
        Flow.open(queue, f"chdb://{directory}", now_utc, rollup_interval_seconds=0.05) as flow,
    ):
        ingestion = replace(flow.ingestion, ack_wait_seconds=1.0)
        tasks = [asyncio.create_task(ingestion.run()), asyncio.create_task(flow.rolling.run())]
        while until != "drain" or await queue.usage_pending(CONSUMER):  # noqa: ASYNC110 - the queue does not tell
            await asyncio.sleep(0.05)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await flow.rolling.roll_up(quiet_us=0)
        print(msgspec.json.encode(await flow.auditing.figures()).decode())  # noqa: T201


if __name__ == "__main__":
    asyncio.run(ingest(*sys.argv[1:]))
