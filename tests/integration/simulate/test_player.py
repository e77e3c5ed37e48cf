"""Playing through a real queue: everything arrives, once, also when it is played again or the queue goes away."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from fogbank.events.batch import unpack
from fogbank.events.usage_event import WireTime, decode_event
from fogbank.kernel.periods import instant_of
from fogbank.queue.client import QueueClient, QueueUnavailable
from fogbank.runtime.clock import monotonic_seconds
from fogbank.runtime.embedded import NatsServer, running_nats
from fogbank.simulate.fleet import Fleet
from fogbank.simulate.player import Player, as_fast_as_it_goes, real_time
from fogbank.simulate.schedule import Schedule

MONDAY_NOON_US = 1_795_435_200_000_000
SCHEDULE = Schedule(starts_us=MONDAY_NOON_US, period_seconds=30, periods=4)


@pytest_asyncio.fixture
async def server(tmp_path: Path) -> AsyncIterator[NatsServer]:
    """A queue of one's own: what others publish must not be counted."""
    async with running_nats(tmp_path) as server:
        yield server


@pytest_asyncio.fixture
async def queue(server: NatsServer) -> AsyncIterator[QueueClient]:
    async with QueueClient.open(server.url, user=server.user, password=server.password) as queue:
        await queue.ensure_streams()
        yield queue


async def identities_stored(queue: QueueClient, durable: str) -> list[tuple[str, WireTime]]:
    """Every stored event's identity, in the stream's order."""
    stored: list[tuple[str, WireTime]] = []
    async with queue.usage_consumer(durable) as consumer:
        while messages := await consumer.fetch(1_000, 0.5):
            for message in messages:
                events = [decode_event(raw) for raw in unpack(message.payload, message.headers)]
                stored += [(event.instance_id, event.period.start) for event in events]
            await consumer.ack(messages)
    return stored


async def test_every_event_of_the_schedule_is_stored_once_also_when_played_again(queue: QueueClient) -> None:
    confirmed: list[int] = []
    player = Player(queue, monotonic_seconds, confirmed.append)
    fleet = Fleet(30, 3, 2, seed=1)
    played = await player.play(fleet, SCHEDULE, as_fast_as_it_goes)
    await player.play(fleet, SCHEDULE, as_fast_as_it_goes)
    stored = await identities_stored(queue, "counting")
    assert played.events == 120 == len(stored) == len(set(stored))
    assert (played.batches, sum(confirmed)) == (12, 240)


async def test_real_time_sends_no_period_before_it_is_over(queue: QueueClient) -> None:
    instants_us = iter([MONDAY_NOON_US + 29_990_000, MONDAY_NOON_US + 29_999_999, MONDAY_NOON_US + 30_000_000])
    player = Player(queue, monotonic_seconds, lambda _: None)
    pace = real_time(lambda: instant_of(next(instants_us)))
    played = await player.play(Fleet(5, 1, 1, seed=2), Schedule(MONDAY_NOON_US, 30, periods=1), pace)
    assert played.events == 5
    assert next(instants_us, None) is None


async def test_a_queue_that_stays_away_ends_the_run_with_a_plain_word(queue: QueueClient) -> None:
    player = Player(queue, monotonic_seconds, lambda _: None, patience_seconds=0.0)
    await queue.connection.drain()
    with pytest.raises(QueueUnavailable):
        await player.play(Fleet(5, 1, 1, seed=3), SCHEDULE, as_fast_as_it_goes)
