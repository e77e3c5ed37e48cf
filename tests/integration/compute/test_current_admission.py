"""The current picture is made of the readings that usage bills, of whom usage bills them to."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest
import pytest_asyncio
from tests.integration.usage.conftest import reading
from tests.unit.compute.recorded import SEED, RecordedNodes, placed

from fogbank.compute.client import Admission, NodeBook, NodeChangesView
from fogbank.compute.current.admitting import Admitting
from fogbank.compute.current.service import CurrentUsageService, NoSuchThing
from fogbank.compute.nodes.model import Seen
from fogbank.events.batch import pack
from fogbank.events.signing import signed
from fogbank.queue.client import QueueClient, usage_subject
from fogbank.runtime.auth import Caller, CallerKind
from fogbank.runtime.clock import now_utc
from fogbank.runtime.component import Health
from fogbank.runtime.embedded import running_nats, temporary_directory

BILLING = Caller("billing", CallerKind.SERVICE)
TICK = timedelta(seconds=30)


class NodesNow(RecordedNodes):
    """Recorded nodes whose clock is this machine's, as the queue's is."""

    async def changes(self, changed_since: int, limit: int) -> NodeChangesView:
        self.now = now_utc()
        return await RecordedNodes.changes(self, changed_since, limit)


@dataclass
class Observed:
    """What was told of nodes that place themselves; fails while it `is_away`."""

    seen: list[Seen] = field(default_factory=list)
    is_away: bool = False

    async def observe(self, seen: Sequence[Seen]) -> None:
        if self.is_away:
            raise ConnectionError("the database is away")
        self.seen += seen


@dataclass
class Shown:
    """A picture, what it is made of, and what it told."""

    queue: QueueClient
    service: CurrentUsageService
    nodes: RecordedNodes
    observed: Observed
    numbers: int = 0

    async def send(self, node_id: str, *events: dict[str, Any], seed: bytes | None = SEED) -> None:
        """Send one message, and wait until the picture has seen it and whatever came before it."""
        await self._publish(node_id, events, seed)
        self.numbers += 1
        mark = f"mark-{self.numbers}"
        await self._publish(mark, [reading(mark, now_utc() - TICK)], None)
        async with asyncio.timeout(20):
            while self.service.picture.instance(mark) is None:  # noqa: ASYNC110 - the picture tells nobody
                await asyncio.sleep(0.01)

    async def _publish(self, node_id: str, events: Sequence[dict[str, Any]], seed: bytes | None) -> None:
        self.numbers += 1
        batch = pack([msgspec.json.encode(event) for event in events], node_id, self.numbers, self.numbers)
        await self.queue.publish(usage_subject(node_id), signed(batch, seed) if seed else batch)

    def owner(self, instance_id: str) -> tuple[str, str | None]:
        [instance] = self.service.instance_current(BILLING, instance_id).instances
        return instance.user_id, instance.org_id


@pytest_asyncio.fixture(scope="module")
async def shown() -> AsyncIterator[Shown]:
    nodes, observed = NodesNow(), Observed()
    async with AsyncExitStack() as stack:
        data = stack.enter_context(temporary_directory())
        nats = await stack.enter_async_context(running_nats(data))
        queue = await stack.enter_async_context(QueueClient.open(nats.url, user=nats.user, password=nats.password))
        await queue.ensure_streams()
        book = stack.enter_context(
            NodeBook.open(Admission(nodes, data / "book.sqlite", "open", ""), now_utc, Health(now_utc))
        )
        service = CurrentUsageService(queue, now_utc, Health(now_utc), 30, Admitting(book, observed.observe))
        following = asyncio.create_task(service.follow())
        yield Shown(queue, service, nodes, observed)
        following.cancel()
        await asyncio.wait([following])


def now_reading(instance_id: str, **changes: Any) -> dict[str, Any]:
    return reading(instance_id, _tick(), **changes)


def _tick() -> datetime:
    return now_utc() - TICK


async def test_an_instance_is_shown_to_the_owner_of_its_placement_and_to_nobody_else(shown: Shown) -> None:
    shown.nodes.register("n1", placed("p-1", "ann", "org_ann"))
    await shown.send("n1", now_reading("p-1", user_id="eve"), now_reading("p-2", user_id="eve"))
    assert shown.owner("p-1") == ("ann", "org_ann")
    with pytest.raises(NoSuchThing):
        shown.owner("p-2")
    assert shown.service.user_current(BILLING, "eve", None, 10).instances == []


async def test_what_is_set_aside_is_not_shown(shown: Shown) -> None:
    shown.nodes.register("n2", placed("q-1", "ann"))
    before = shown.service.wrong_events
    await shown.send("n2", now_reading("q-1"), seed=None)
    shown.nodes.revoke("n2", now_utc())
    await shown.send("n2", now_reading("q-1"))
    assert shown.service.wrong_events == before + 2
    with pytest.raises(NoSuchThing):
        shown.owner("q-1")


async def test_what_places_itself_is_told_once_and_again_when_it_has_another_owner(shown: Shown) -> None:
    shown.nodes.register("n3", placed("s-0", "ann"), is_self_placing=True)
    shown.observed.is_away = True
    await shown.send("n3", now_reading("s-0"), now_reading("s-1", user_id="ann"))
    assert shown.owner("s-1") == ("ann", None)
    shown.observed.is_away = False
    for user_id in ("ann", "ann", "bob"):
        await shown.send("n3", now_reading("s-1", user_id=user_id))
    assert shown.observed.seen == [Seen("n3", "s-1", "ann", None), Seen("n3", "s-1", "bob", None)]
