"""A signal on the queue becomes one notice and one e-mail, however often it comes, and none stops the next."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace

import httpx
import pytest_asyncio
from tests.integration.notifications.conftest import Someone, World
from tests.integration.notifications.postbox import WAIT_SECONDS, Postbox

from fogbank.accounts.client import AccountsClient
from fogbank.events.batch import Batch
from fogbank.notifications.following import DURABLE, Following
from fogbank.notifications.notifying import Notifying
from fogbank.queue.client import PullConsumer
from fogbank.queue.subjects import SIGNALS_STREAM
from fogbank.runtime.client import ServiceHttp
from fogbank.runtime.component import Health
from fogbank.runtime.ports import LOOPBACK

ACK_WAIT_SECONDS = 1.0


@dataclass
class Followed:
    """Signals being followed; `rounds` is told after each handful."""

    health: Health
    rounds: asyncio.Queue[None] = field(default_factory=asyncio.Queue)

    async def until_told(self, someone: Someone, count: int = 1) -> None:
        """Return when the person has so many notices."""
        async with asyncio.timeout(WAIT_SECONDS):
            while (await someone.notifications.unread()).count < count:
                await self.rounds.get()


@asynccontextmanager
async def following(world: World, notifying: Notifying, standing: Callable[[], str] = str) -> AsyncIterator[Followed]:
    followed = Followed(Health(world.clock))
    follower = Following(
        world.queue, notifying, followed.health, lambda: followed.rounds.put_nowait(None), standing, ACK_WAIT_SECONDS
    )
    running = asyncio.create_task(follower.run())
    try:
        yield followed
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


async def until_all_is_acknowledged(world: World) -> None:
    """Return when the queue has nothing more to deliver again."""
    jetstream = world.queue.connection.jetstream()
    async with asyncio.timeout(WAIT_SECONDS):
        while (await jetstream.consumer_info(SIGNALS_STREAM, DURABLE)).num_ack_pending:  # noqa: ASYNC110 - untold
            await asyncio.sleep(ACK_WAIT_SECONDS / 20)


@pytest_asyncio.fixture
async def consumer(world: World) -> AsyncIterator[PullConsumer]:
    """The consumer itself, in the hands of the test."""
    async with world.queue.signals_consumer(DURABLE, ack_wait_seconds=ACK_WAIT_SECONDS) as consumer:
        yield consumer


async def test_a_signal_on_the_queue_becomes_a_notice_and_an_email(world: World, postbox: Postbox) -> None:
    ann = await world.someone()
    async with following(world, world.notifying) as followed:
        await world.queue.signal(world.signal(ann.id))
        await followed.until_told(ann)
    await world.mailer(postbox.server()).send_due()
    assert len(postbox.came[ann.email]) == 1


async def test_who_is_killed_between_writing_and_acknowledging_leaves_one_notice_and_one_email(
    world: World, postbox: Postbox, consumer: PullConsumer
) -> None:
    ann, bob = await world.someone(), await world.someone()
    signal = world.signal(ann.id)
    await world.queue.signal(signal)
    [message] = await consumer.fetch(10, WAIT_SECONDS)
    assert signal.id.encode() in message.payload
    await world.happen(signal)
    mailer = world.mailer(postbox.server())
    await mailer.send_due()
    # Nobody acknowledges it: that is how a killed process looks to the queue.
    async with following(world, world.notifying) as followed:
        await world.queue.signal(world.signal(bob.id))
        await followed.until_told(bob)
        await until_all_is_acknowledged(world)
    await mailer.send_due()
    assert [notice.id for notice in (await ann.notifications.notices()).notices] == [signal.id]
    assert len(postbox.came[ann.email]) == 1


async def test_what_nobody_understands_stops_nothing(world: World) -> None:
    ann = await world.someone()
    async with following(world, world.notifying) as followed:
        for payload in (b"", b"not json", b'{"type": "account.unheard_of"}', b'{"type": 7}'):
            await world.queue.publish("signals.v1.account.balance_low", Batch(payload, {}))
        await world.queue.signal(world.signal(ann.id, available="\0", per_hour="x\0"))
        await followed.until_told(ann)
    assert followed.health.is_ok


async def test_while_accounts_is_away_signals_wait_and_are_followed_when_it_is_back(world: World) -> None:
    ann = await world.someone()
    with socket.socket() as held:
        held.bind((LOOPBACK, 0))
        url = f"http://{LOOPBACK}:{held.getsockname()[1]}"
    async with httpx.AsyncClient(base_url=url) as nowhere:
        cut_off = replace(world.notifying, accounts=AccountsClient(ServiceHttp(nowhere)))
        async with following(world, cut_off) as followed:
            await world.queue.signal(world.signal(ann.id))
            await followed.rounds.get()
    assert "does not answer" in followed.health.detail
    async with following(world, world.notifying) as followed:
        await followed.until_told(ann)
        await until_all_is_acknowledged(world)
    assert (await ann.notifications.unread()).count == 1
