"""A process that reads the whole queue again until it is done or killed, and says on each line how far it is.

Arguments: the queue's URL, user and password, the store's directory. The last line says how many readings are stored.
"""

import asyncio
import sys

import msgspec

from fogbank.queue.client import QueueClient
from fogbank.runtime.clock import now_utc
from fogbank.runtime.component import Health
from fogbank.usage.ingesting.ingestion import Ingestion
from fogbank.usage.ingesting.readers import Readers
from fogbank.usage.mending.replays import Bound, Replays
from fogbank.usage.stamps import Stamps
from fogbank.usage.store.engine import Engine


class NoLog:
    """An activity log for a process without accounts."""

    async def record_activity(self, **_act: object) -> object:
        return None


async def replay(url: str, user: str, password: str, directory: str) -> None:
    dsn = f"chdb://{directory}"
    async with QueueClient.open(url, user=user, password=password) as queue, Engine.open(dsn) as engine:
        with Readers.open(dsn) as readers:
            stamps = Stamps(now_utc, 0)
            ingestion = Ingestion(queue, engine, readers, stamps, Health(now_utc))
            replays = Replays(queue, engine, ingestion, stamps, NoLog(), now_utc)
            await replays.begin(Bound(), Bound(), actor_id="test", reason="test", key="all")
            running = asyncio.create_task(replays.run())
            while (state := await replays.replay("all")).state != "done":
                print(msgspec.json.encode(state).decode(), flush=True)  # noqa: T201
                await asyncio.sleep(0.01)
            running.cancel()
            [(stored,)] = await engine.rows("SELECT count() FROM usage_events FINAL")
            print(msgspec.json.encode(state).decode(), stored, sep="\n")  # noqa: T201


if __name__ == "__main__":
    asyncio.run(replay(*sys.argv[1:]))
