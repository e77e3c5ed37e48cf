"""The current usage is posted at every interval: what an account pays for, in pages, and never what is obsolete."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import httpx
import msgspec
import pytest_asyncio
from standardwebhooks import Webhook as Verifier
from tests.integration.webhooks.conftest import Badges, World
from tests.integration.webhooks.receiver import status

from fogbank.compute.client import ComputeClient
from fogbank.compute.component import open_compute
from fogbank.events.batch import pack
from fogbank.events.usage_event import EventPeriod, Metrics, UsageEvent, encode_event
from fogbank.notifications.webhooks.metrics import Metrics as MetricsPosts
from fogbank.notifications.webhooks.metrics import next_tick
from fogbank.notifications.webhooks.queueing import Queueing
from fogbank.queue.client import QueueClient, usage_subject
from fogbank.runtime.client import ServiceHttp
from fogbank.runtime.clock import now_utc
from fogbank.runtime.embedded import NatsServer
from fogbank.runtime.entropy import system_entropy
from fogbank.runtime.http.app import create_app
from fogbank.runtime.problems import Problem

INTERVAL = timedelta(seconds=30)
USED = Metrics(
    cpu_seconds=30,
    cpu_percent_avg=12.5,
    memory_gb=4.2,
    memory_percent=52.5,
    storage_gb=25.7,
    network_egress_mb=15.2,
    network_ingress_mb=8.7,
    gpu_seconds=0,
)
_numbers = count(now_utc().microsecond * 1000)


@dataclass
class Usage:
    """A running compute component, and what nodes report to it."""

    queue: QueueClient
    client: ComputeClient

    async def report(self, node: str, *instances: tuple[str, str, str | None]) -> None:
        """Let a node report these instances (id, user, organisation), and wait until the last one is current."""
        end = now_utc()
        events = [
            UsageEvent(
                event_type="resource_usage",
                version="1.0",
                timestamp=end.isoformat(),
                user_id=user,
                org_id=org,
                instance_id=instance,
                metrics=USED,
                period=EventPeriod((end - INTERVAL).isoformat(), end.isoformat()),
            )
            for instance, user, org in instances
        ]
        number = next(_numbers)
        batch = pack([encode_event(event) for event in events], node, number, number)
        await self.queue.publish(usage_subject(node), batch)
        async with asyncio.timeout(20):
            while True:
                try:
                    await self.client.instance_current(instances[-1][0])
                except Problem:
                    await asyncio.sleep(0.01)
                else:
                    return


@pytest_asyncio.fixture(scope="module")
async def usage(nats: NatsServer) -> AsyncIterator[Usage]:
    async with (
        QueueClient.open(nats.url, user=nats.user, password=nats.password) as queue,
        open_compute(queue, clock=now_utc) as component,
    ):
        await queue.ensure_streams()
        app = create_app(title="compute", components=[component], authenticator=Badges(), clock=now_utc)
        transport = httpx.ASGITransport(app)
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=transport, base_url="http://t") as http,
        ):
            yield Usage(queue, ComputeClient(ServiceHttp(http).as_caller("portal")))


def posting(world: World, usage: Usage) -> MetricsPosts:
    return MetricsPosts(world.database, Queueing(world.clock, system_entropy), usage.client, 30)


def sent(world: World, path: str, secret: str | None = None) -> list[dict[str, Any]]:
    """The posts to a path, decoded."""
    requests = world.receiver.got(path)
    if secret is not None:
        for request in requests:
            Verifier(secret).verify(request.body, request.headers)
    return [msgspec.json.decode(request.body) for request in requests]


def instances_of(posts: Sequence[dict[str, Any]]) -> list[str]:
    return [each["instance_id"] for post in posts for each in post["data"]["instances"]]


async def test_every_webhook_gets_what_its_account_pays_for_and_nothing_else(world: World, usage: Usage) -> None:
    user = f"user_{next(_numbers)}"
    await usage.report(
        f"node-{user}",
        (f"{user}-own", user, None),
        (f"{user}-shared", user, "org_fog"),
        (f"{user}-other", "user_eve", "org_sea"),
    )
    own = await world.webhook("/own", who="root", user_id=user, event_types=["metrics"], reason="test")
    await world.webhook("/org", org_id="org_fog", event_types=["metrics"])
    one: dict[str, Any] = {"event_types": ["metrics"], "org_id": "org_fog"}
    await world.webhook("/one", instance_id=f"{user}-shared", **one)
    await world.webhook("/others", instance_id=f"{user}-other", **one)
    await world.webhook("/nowhere", instance_id="instance_that_never_was", **one)
    await world.webhook("/deaf", event_types=["threshold_violation"])
    await posting(world, usage).round(world.clock())
    while await world.send_due():
        pass
    [post] = sent(world, "/own", own["secret"])
    assert post["type"] == "metrics"
    assert instances_of([post]) == [f"{user}-own"]
    [reading] = post["data"]["instances"]
    assert reading["metrics"]["cpu_percent_avg"] == 12.5
    assert set(reading["period"]) == {"start", "end"}
    assert reading["is_stale"] is False
    assert post["data"]["totals"]["instances"] == 1
    assert post["data"]["totals"]["per_second"]["cpu_seconds"] == "1"
    assert (post["data"]["page"], post["data"]["pages"]) == (1, 1)
    assert f"{user}-shared" in instances_of(sent(world, "/org"))
    assert instances_of(sent(world, "/one")) == [f"{user}-shared"]
    assert [sent(world, path) for path in ("/others", "/nowhere", "/deaf")] == [[], [], []]


async def test_a_large_account_comes_in_pages_of_a_thousand_with_the_totals_of_all(world: World, usage: Usage) -> None:
    org = f"org_{next(_numbers)}"
    await usage.report(f"node-{org}", *((f"{org}-{number:04}", "user_ann", org) for number in range(2_500)))
    await world.webhook(who="root", org_id=org, event_types=["metrics"], reason="test")
    await posting(world, usage).round(world.clock())
    while await world.send_due():
        pass
    posts = sorted(sent(world, "/hook"), key=lambda post: post["data"]["page"])
    assert [len(post["data"]["instances"]) for post in posts] == [1000, 1000, 500]
    assert [(post["data"]["page"], post["data"]["pages"]) for post in posts] == [(1, 3), (2, 3), (3, 3)]
    assert {post["data"]["totals"]["instances"] for post in posts} == {2_500}
    assert {post["data"]["totals"]["per_second"]["cpu_seconds"] for post in posts} == {"2500"}
    assert sorted(instances_of(posts)) == [f"{org}-{number:04}" for number in range(2_500)]
    assert all(len(request.body) < 1_000_000 for request in world.receiver.received)


async def test_the_same_tick_again_posts_nothing_more(world: World, usage: Usage) -> None:
    await world.webhook(event_types=["metrics"])
    tick = world.clock()
    await asyncio.gather(*(posting(world, usage).round(tick) for _ in range(3)))
    assert await world.send_due() == 1


async def test_what_was_not_delivered_within_its_interval_is_dropped_and_does_not_pile_up(
    world: World, usage: Usage
) -> None:
    made = await world.webhook(event_types=["metrics"])
    world.receiver.at("/hook", status(500))
    for _ in range(10):
        await posting(world, usage).round(world.clock())
        await world.send_due()
        world.clock.forward(timedelta(seconds=5))
        await world.send_due()
        world.clock.forward(timedelta(seconds=25))
        assert await world.send_due() == 0
    log = await world.deliveries(made["id"])
    assert [each["state"] for each in log].count("pending") <= 1
    assert len(log) == 10
    assert all(len(each["attempts"]) == 2 for each in log)


async def test_metrics_are_not_replayed_and_what_they_said_is_not_kept(world: World, usage: Usage) -> None:
    made = await world.webhook(event_types=["metrics"])
    await posting(world, usage).round(world.clock())
    await world.send_due()
    [delivery] = await world.deliveries(made["id"])
    assert (delivery["state"], delivery["payload"]) == ("delivered", None)
    refused = await world.ask("ann", "POST", f"/{made['id']}/deliveries/{delivery['id']}/replay")
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:fogbank:problem:metrics-not-replayed")
    world.clock.forward(timedelta(hours=1, seconds=1))
    [forget] = world.webhooks.jobs
    await forget.run()
    assert await world.deliveries(made["id"]) == []


def test_ticks_are_multiples_of_the_interval() -> None:
    at = datetime.fromisoformat("2026-11-25T12:00:29.999Z")
    assert next_tick(at, 30) == datetime.fromisoformat("2026-11-25T12:00:30Z")
    assert next_tick(next_tick(at, 30), 30) == datetime.fromisoformat("2026-11-25T12:01:00Z")
