"""Killed at any moment, ingestion loses nothing and doubles nothing."""

import asyncio
import random
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import msgspec
import pytest
import pytest_asyncio
from nats.js.errors import NotFoundError

from fogbank.queue.client import QueueClient, usage_subject
from fogbank.runtime.embedded import NatsServer, running_nats, temporary_directory
from fogbank.simulate.fleet import Fleet
from fogbank.usage.client import UsageFigures
from fogbank.usage.ingesting.ingestion import CONSUMER

SCRIPT = Path(__file__).with_name("ingesting.py")
INSTANCES, NODES, PERIODS_PER_ROUND, ROUNDS = 2_000, 8, 12, 3
STARTS_US = 1_767_225_600_000_000
PERIOD_SECONDS = 30


@pytest.fixture(scope="module")
def directory() -> Iterator[Path]:
    with temporary_directory() as directory:
        yield directory


@pytest_asyncio.fixture(scope="module")
async def server(directory: Path) -> AsyncIterator[NatsServer]:
    async with running_nats(directory) as server:
        yield server


async def started(server: NatsServer, directory: Path, until: str) -> asyncio.subprocess.Process:
    arguments = [SCRIPT, server.url, server.user, server.password, directory / "usage", until]
    return await asyncio.create_subprocess_exec(
        sys.executable, *map(str, arguments), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )


async def in_flight(queue: QueueClient, after: int) -> bool:
    """Whether a message behind that place was given out, and is not acknowledged."""
    try:
        info = await queue.connection.jetstream().consumer_info("USAGE", CONSUMER)
    except NotFoundError:
        return False
    return bool(info.num_ack_pending and info.delivered and info.delivered.stream_seq > after)


async def test_three_kills_in_the_middle_lose_nothing_and_double_nothing(server: NatsServer, directory: Path) -> None:
    dice = random.Random(11)
    fleet = Fleet(INSTANCES, NODES, 20, seed=5)
    async with QueueClient.open(server.url, user=server.user, password=server.password) as queue:
        await queue.ensure_streams()
        sent = 0
        for round_ in range(ROUNDS):
            before = (await queue.connection.jetstream().stream_info("USAGE")).state.last_seq
            for period in range(round_ * PERIODS_PER_ROUND, (round_ + 1) * PERIODS_PER_ROUND):
                for batch in fleet.tick(STARTS_US + period * PERIOD_SECONDS * 1_000_000, PERIOD_SECONDS):
                    await queue.publish(usage_subject(batch.headers["Fogbank-Node"]), batch)
                sent += INSTANCES
            victim = await started(server, directory, "for-ever")
            while not await in_flight(queue, before):
                assert victim.returncode is None
            await asyncio.sleep(dice.random() * 0.2)
            victim.kill()
            await victim.wait()
        survivor = await started(server, directory, "drain")
        output, errors = await survivor.communicate()
        assert survivor.returncode == 0, errors.decode()
    figures = msgspec.json.decode(output.splitlines()[0], type=UsageFigures)
    assert figures.accepted_events == sent
    assert figures.accepted_stored == figures.stored_events == figures.window_events == figures.hour_events == sent
    for account in figures.accounts:
        assert account.stored == account.windows == account.days == account.hours
