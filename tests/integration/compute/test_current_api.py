"""The current usage over HTTP: built from the queue alone, rebuilt after a restart, and shown to its owners only."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from itertools import count

import httpx
import pytest
import pytest_asyncio

from fogbank.compute.client import ComputeClient, CurrentUsage
from fogbank.compute.component import open_compute
from fogbank.events.batch import CONTENT_ENCODING, Batch, pack
from fogbank.events.usage_event import EventPeriod, Metrics, UsageEvent, encode_event
from fogbank.queue.client import QueueClient, usage_subject
from fogbank.runtime.auth import Caller, CallerKind
from fogbank.runtime.client import ServiceHttp
from fogbank.runtime.clock import now_utc
from fogbank.runtime.embedded import NatsServer
from fogbank.runtime.http.app import create_app
from fogbank.runtime.problems import Problem

CALLERS = {
    "ann": Caller("user_ann", CallerKind.USER, {"org_fog": "member"}),
    "bob": Caller("user_bob", CallerKind.USER),
    "cal": Caller("user_cal", CallerKind.USER),
    "dan": Caller("user_dan", CallerKind.USER),
    "keyless": Caller("user_ann", CallerKind.USER, scopes=frozenset({"billing:read"})),
    "billing": Caller("billing", CallerKind.SERVICE),
}
METRICS = Metrics(
    cpu_seconds=30,
    cpu_percent_avg=12.5,
    memory_gb=4.2,
    memory_percent=52.5,
    storage_gb=25.7,
    network_egress_mb=15.2,
    network_ingress_mb=8.7,
    gpu_seconds=0,
)
PERIOD = timedelta(seconds=30)


class Badges:
    """Believes whoever names one of the callers above."""

    async def authenticate(self, headers: Mapping[str, str]) -> Caller:
        caller = CALLERS.get(headers.get("authorization", "").removeprefix("Bearer "))
        if caller is None:
            raise Problem(401, "not-authenticated", "Say who you are.")
        return caller


@pytest_asyncio.fixture(scope="module")
async def queue(nats: NatsServer) -> AsyncIterator[QueueClient]:
    async with QueueClient.open(nats.url, user=nats.user, password=nats.password) as queue:
        await queue.ensure_streams()
        yield queue


@asynccontextmanager
async def serving(queue: QueueClient) -> AsyncIterator[Callable[[str], ComputeClient]]:
    """A running compute component, and clients of it by the caller's badge."""
    async with open_compute(queue, clock=now_utc) as component:
        app = create_app(title="compute", components=[component], authenticator=Badges(), clock=now_utc)
        transport = httpx.ASGITransport(app)
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=transport, base_url="http://t") as http,
        ):
            yield lambda badge: ComputeClient(ServiceHttp(http).as_caller(badge))


numbers = count(datetime.now(UTC).microsecond * 1000)


async def report(
    queue: QueueClient, node: str, *instances: tuple[str, str, str | None], end_at: datetime | None = None
) -> None:
    """Let a node report the example's metrics for these instances (id, user, organisation)."""
    end_at = end_at or now_utc()
    events = [
        UsageEvent(
            event_type="resource_usage",
            version="1.0",
            timestamp=end_at.isoformat(),
            user_id=user,
            org_id=org,
            instance_id=instance,
            metrics=METRICS,
            period=EventPeriod((end_at - PERIOD).isoformat(), end_at.isoformat()),
        )
        for instance, user, org in instances
    ]
    number = next(numbers)
    await queue.publish(usage_subject(node), pack([encode_event(event) for event in events], node, number, number))


async def until_current(client: ComputeClient, instance_id: str) -> CurrentUsage:
    """The instance's current usage, as soon as there is one."""
    async with asyncio.timeout(10):
        while True:
            try:
                return await client.instance_current(instance_id)
            except Problem as problem:
                if problem.status != 404:
                    raise
                await asyncio.sleep(0.01)


async def test_a_reading_is_current_as_soon_as_it_is_sent(queue: QueueClient) -> None:
    async with serving(queue) as client_of:
        await report(queue, "node-live", ("live-1", "user_ann", None))
        usage = await until_current(client_of("ann"), "live-1")
    (instance,) = usage.instances
    assert (instance.instance_id, instance.user_id, instance.org_id) == ("live-1", "user_ann", None)
    assert instance.metrics.cpu_percent_avg == 12.5
    assert instance.per_second["cpu_seconds"] == usage.totals.per_second["cpu_seconds"] == "1"
    assert instance.period.end - instance.period.start == PERIOD
    assert not instance.is_stale
    assert 0 <= instance.age_seconds < 60


async def test_a_restart_rebuilds_the_picture_from_the_last_message_of_each_node(queue: QueueClient) -> None:
    await report(queue, "node-a", ("again-1", "user_ann", "org_fog"), ("again-2", "user_ann", "org_fog"))
    await report(queue, "node-b", ("again-3", "user_ann", "org_fog"))
    seen = []
    for _ in range(2):
        async with serving(queue) as client_of:
            await until_current(client_of("ann"), "again-3")
            seen.append(await client_of("ann").organization_current("org_fog"))
    before, after = ([(each.instance_id, each.period.end) for each in usage.instances] for usage in seen)
    assert before == after
    assert {"again-1", "again-2", "again-3"} <= {identifier for identifier, _ in after}


async def test_what_comes_through_the_door_is_counted_and_hides_nothing_that_a_node_measured(
    queue: QueueClient,
) -> None:
    async with serving(queue) as client_of:
        await report(queue, "node-door", ("measured-1", "user_ann", None))
        await until_current(client_of("ann"), "measured-1")
        later = now_utc() + timedelta(minutes=1)
        await report(
            queue, "door:user_dan", ("measured-1", "user_dan", None), ("said-1", "user_dan", None), end_at=later
        )
        await report(queue, "node-door", ("measured-2", "user_ann", None))
        await until_current(client_of("ann"), "measured-2")
        assert (await client_of("ann").instance_current("measured-1")).instances[0].user_id == "user_ann"
        assert (await client_of("dan").user_current("user_dan")).instances == []
        assert (await client_of("dan").activity()).events_per_second > 0


async def test_a_user_sees_all_of_theirs_summed_and_listed_by_page(queue: QueueClient) -> None:
    await report(queue, "node-sum", *((f"sum-{index}", "user_bob", None) for index in range(5)))
    async with serving(queue) as client_of:
        await until_current(client_of("bob"), "sum-4")
        first = await client_of("bob").user_current("user_bob", limit=3)
        second = await client_of("bob").user_current("user_bob", after=first.next_cursor, limit=3)
    assert [each.instance_id for each in first.instances] == ["sum-0", "sum-1", "sum-2"]
    assert [each.instance_id for each in second.instances] == ["sum-3", "sum-4"]
    assert second.next_cursor is None
    assert first.totals == second.totals
    assert (first.totals.instances, first.totals.per_second["memory_gb_seconds"]) == (5, "21")


async def test_a_stale_reading_is_shown_as_such_and_is_no_part_of_the_rates(queue: QueueClient) -> None:
    await report(queue, "node-old", ("old-1", "user_old", None), end_at=now_utc() - timedelta(minutes=5))
    async with serving(queue) as client_of:
        usage = await until_current(client_of("billing"), "old-1")
    assert usage.instances[0].is_stale
    assert usage.instances[0].age_seconds > 290
    assert (usage.totals.stale_instances, usage.totals.per_second["cpu_seconds"]) == (1, "0")


async def test_someone_elses_is_not_there(queue: QueueClient) -> None:
    await report(queue, "node-mine", ("mine-1", "user_ann", None), ("ours-1", "user_ann", "org_fog"))
    async with serving(queue) as client_of:
        await until_current(client_of("ann"), "ours-1")
        bob = client_of("bob")
        for asked in (
            bob.instance_current("mine-1"),
            bob.instance_current("ours-1"),
            bob.instance_current("nobody-has-this"),
            bob.user_current("user_ann"),
            bob.organization_current("org_fog"),
        ):
            with pytest.raises(Problem) as problem:
                await asked
            assert problem.value.status == 404
        assert (await client_of("billing").instance_current("mine-1")).id == "mine-1"


async def test_who_is_nobody_or_lacks_the_scope_is_told_so(queue: QueueClient) -> None:
    async with serving(queue) as client_of:
        for badge, status in (("stranger", 401), ("keyless", 403)):
            with pytest.raises(Problem) as problem:
                await client_of(badge).user_current("user_ann")
            assert problem.value.status == status


@pytest.mark.parametrize(
    "path", ["instances/no%20id/current", "users/user_ann/current?limit=0", "users/user_ann/current?after=%2f"]
)
async def test_a_wrong_request_is_told_what_is_wrong(queue: QueueClient, path: str) -> None:
    async with serving(queue) as client_of:
        with pytest.raises(Problem) as problem:
            await client_of("ann").service.get(f"/api/v1/usage/{path}", as_=CurrentUsage)
    assert problem.value.status == 422


async def test_malformed_messages_do_not_stop_it(queue: QueueClient) -> None:
    async with serving(queue) as client_of:
        for payload, encoding in (
            (b"\xff\xfe not json", "identity"),
            (b"", "identity"),
            (b"[1, 2", "identity"),
            (b'{"event_type":"resource_usage"}', "identity"),
            (b"not zstd", "zstd"),
            (b"{}", "rot13"),
        ):
            await queue.publish(usage_subject("node-bad"), Batch(payload, {CONTENT_ENCODING: encoding}))
        await report(queue, "node-bad", ("after-1", "user_ann", None))
        assert (await until_current(client_of("ann"), "after-1")).id == "after-1"


async def test_activity_counts_the_callers_own_readings(queue: QueueClient) -> None:
    async with serving(queue) as client_of:
        counted = [(f"act-{index}", "user_cal", None) for index in range(6)]
        await report(queue, "node-act", *counted, ("other-1", "user_x", None))
        await until_current(client_of("billing"), "other-1")
        activity = await client_of("cal").activity()
        everything = await client_of("billing").activity()
    assert (activity.events_per_second, activity.window_seconds) == (6 / 60, 60)
    assert everything.events_per_second >= 7 / 60
