"""Two workers share the readings; either of them, and the store, may be killed, and nothing is lost or doubled."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest_asyncio
from nats.js.errors import NotFoundError
from tests.integration.scale.conftest import started_clickhouse, url_of

from fogbank.queue.client import QueueClient, Share, usage_subject
from fogbank.runtime.clock import now_utc
from fogbank.runtime.embedded import NatsServer, running_nats, temporary_directory
from fogbank.runtime.ports import free_port
from fogbank.simulate.fleet import Fleet
from fogbank.usage.auditing import Auditing
from fogbank.usage.component import open_usage
from fogbank.usage.ingesting.ingestion import CONSUMER
from fogbank.usage.ingesting.readers import Readers
from fogbank.usage.model import Grain
from fogbank.usage.rolling import Rolling
from fogbank.usage.stamps import Stamps
from fogbank.usage.store import marks
from fogbank.usage.store.engine import Engine

SCRIPT = Path(__file__).with_name("worker.py")
WORKERS = 2
INSTANCES, NODES, PERIODS = 1_000, 16, 10
START_US, PERIOD_US = 1_767_225_600_000_000, 30_000_000


@dataclass(slots=True)
class Workshop:
    """A queue, a store, and the workers between them."""

    nats: NatsServer
    queue: QueueClient
    directory: Path
    port: int
    fleet: Fleet
    store: asyncio.subprocess.Process
    dsn: str
    sent: int = 0

    async def send(self, periods: int) -> None:
        for _ in range(periods):
            start_us = START_US + self.sent // INSTANCES * PERIOD_US
            for batch in self.fleet.tick(start_us, PERIOD_US // 1_000_000):
                await self.queue.publish(usage_subject(batch.headers["Fogbank-Node"]), batch)
            self.sent += INSTANCES

    async def worker(self, number: int) -> asyncio.subprocess.Process:
        arguments = [SCRIPT, self.nats.url, self.nats.user, self.nats.password, self.dsn, f"{number}/{WORKERS}"]
        return await asyncio.create_subprocess_exec(sys.executable, *map(str, arguments))

    async def has_work(self, number: int, after: int = 0) -> None:
        """Wait until a message behind that place is with the worker, or was."""
        while True:
            try:
                name = Share(number, WORKERS).of(CONSUMER)
                info = await self.queue.connection.jetstream().consumer_info("USAGE", name)
            except NotFoundError:
                continue
            if info.delivered and info.delivered.stream_seq > after:
                return

    async def drained(self) -> None:
        while await self.queue.usage_pending(CONSUMER, WORKERS):  # noqa: ASYNC110 - the queue does not tell
            await asyncio.sleep(0.05)

    async def kill_store(self) -> None:
        self.store.kill()
        await self.store.wait()

    async def start_store(self) -> None:
        self.store = await started_clickhouse(self.directory / "clickhouse", self.port)
        self.dsn = await url_of(self.store)

    async def everything_is_there_once(self) -> None:
        async with Engine.open(self.dsn) as engine:
            stamps = Stamps(now_utc, await marks.last_mark(engine))
            rolling = Rolling(engine, stamps, now_utc, 1.0, 0)
            await rolling.roll_up(quiet_us=0)
            with Readers.open(self.dsn) as readers:
                figures = await Auditing(self.queue, engine, readers, rolling, workers=WORKERS).figures()
        assert figures.accepted_events == figures.accepted_stored == figures.stored_events == self.sent
        assert figures.window_events == figures.hour_events == self.sent
        assert (figures.pending_messages, figures.dirty_windows) == (0, 0)
        for account in figures.accounts:
            assert account.stored == account.windows == account.days == account.hours


@pytest_asyncio.fixture
async def workshop() -> AsyncIterator[Workshop]:
    async with AsyncExitStack() as stack:
        directory = stack.enter_context(temporary_directory())
        nats = await stack.enter_async_context(running_nats(directory))
        queue = await stack.enter_async_context(QueueClient.open(nats.url, user=nats.user, password=nats.password))
        await queue.ensure_streams()
        port = free_port()
        store = await started_clickhouse(directory / "clickhouse", port)
        shop = Workshop(nats, queue, directory, port, Fleet(INSTANCES, NODES, 20, seed=3), store, await url_of(store))
        stack.push_async_callback(shop.kill_store)
        yield shop


async def last_of(queue: QueueClient) -> int:
    return (await queue.connection.jetstream().stream_info("USAGE")).state.last_seq


async def test_a_worker_that_is_killed_goes_on_and_the_other_does_not_wait_for_it(workshop: Workshop) -> None:
    await workshop.send(PERIODS)
    first, second = await workshop.worker(0), await workshop.worker(1)
    try:
        await workshop.has_work(1)
        second.kill()
        await second.wait()
        last = await last_of(workshop.queue)
        await workshop.send(PERIODS)
        await workshop.has_work(0, after=last)
        second = await workshop.worker(1)
        await workshop.drained()
        await workshop.everything_is_there_once()
        assert first.returncode is None
    finally:
        for process in (first, second):
            process.kill()
            await process.wait()


async def test_a_store_that_is_killed_is_waited_for_and_gets_every_batch_again(workshop: Workshop) -> None:
    workers = [await workshop.worker(number) for number in range(WORKERS)]
    try:
        await workshop.send(1)
        for number in range(WORKERS):
            await workshop.has_work(number)
        await workshop.drained()
        last = await last_of(workshop.queue)
        await workshop.kill_store()
        await workshop.send(PERIODS)
        for number in range(WORKERS):
            await workshop.has_work(number, after=last)
        assert await workshop.queue.usage_pending(CONSUMER, WORKERS) > 0
        await workshop.start_store()
        await workshop.drained()
        await workshop.everything_is_there_once()
        assert [worker.returncode for worker in workers] == [None] * WORKERS
    finally:
        for process in workers:
            process.kill()
            await process.wait()


async def test_a_mark_by_a_slow_clock_still_marks_what_a_fast_one_had_rolled_up(workshop: Workshop) -> None:
    async with Engine.open(workshop.dsn) as engine:
        await marks.mark(engine, [(Grain.WINDOW, 0)], 1_000)
        [fast] = await marks.dirty(engine, Grain.WINDOW)
        await marks.rolled(engine, Grain.WINDOW, [fast])
        assert await marks.dirty(engine, Grain.WINDOW) == []
        await marks.mark(engine, [(Grain.WINDOW, 0)], 1)
        [slow] = await marks.dirty(engine, Grain.WINDOW)
        assert slow.marked > fast.marked


async def test_the_first_worker_rolls_up_and_answers_and_the_others_only_bring_in(workshop: Workshop) -> None:
    opened = []
    for worker in range(WORKERS):
        opening = open_usage(queue=workshop.queue, dsn=workshop.dsn, share=Share(worker, WORKERS), clock=now_utc)
        async with opening as component:
            opened.append(({task.name for task in component.tasks}, bool(component.routers)))
    (first_tasks, first_answers), (other_tasks, other_answers) = opened
    assert {"ingestion", "rolling"} <= first_tasks
    assert "retention" not in first_tasks
    assert first_answers
    assert other_tasks == {"ingestion"}
    assert not other_answers
