"""Live money, over the real usage, compute, ledger and queue: what is spent, what it cost, and who is told of it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import msgspec
import pytest
import pytest_asyncio
from tests.integration.billing.conftest import CURRENCY, World, fresh_database, opened_world

from fogbank.accounts.ledger.component import open_ledger
from fogbank.billing.client import CostsView, Interval
from fogbank.billing.component import open_billing
from fogbank.compute.component import open_compute
from fogbank.events.batch import Batch, pack
from fogbank.events.signals import Signal, SignalType
from fogbank.kernel.money import micros_from_credits
from fogbank.queue.client import usage_subject
from fogbank.runtime.auth import Caller, CallerKind
from fogbank.runtime.embedded import PostgresServer, running_nats, temporary_directory
from fogbank.runtime.http.background import running_tasks
from fogbank.runtime.problems import Problem
from fogbank.usage.component import open_usage

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FEBRUARY = datetime(2026, 2, 1, tzinfo=UTC)
MARCH = datetime(2026, 3, 1, tzinfo=UTC)
APRIL = datetime(2026, 4, 1, tzinfo=UTC)
NOW = datetime(2026, 3, 15, 12, tzinfo=UTC)

METRICS = (
    "cpu_seconds",
    "cpu_percent_avg",
    "memory_gb",
    "memory_percent",
    "storage_gb",
    "network_egress_mb",
    "network_ingress_mb",
    "gpu_seconds",
)

numbers = count()


def hour_of(instance_id: str, start: datetime, *, org_id: str | None, user_id: str = "u_1", **metrics: float) -> bytes:
    """One reading of an hour; what is not given is zero."""
    return msgspec.json.encode(reading(instance_id, start, HOUR, org_id=org_id, user_id=user_id, **metrics))


def reading(
    instance_id: str, start: datetime, length: timedelta, *, org_id: str | None, user_id: str, **metrics: float
) -> dict[str, Any]:
    return {
        "event_type": "resource_usage",
        "version": "1.0",
        "timestamp": (start + length).isoformat(),
        "user_id": user_id,
        "org_id": org_id,
        "instance_id": instance_id,
        "metrics": dict.fromkeys(METRICS, 0) | metrics,
        "period": {"start": start.isoformat(), "end": (start + length).isoformat()},
    }


async def send(world: World, *events: bytes) -> None:
    """Publish readings as a node of their own, and wait until they are charged."""
    number = next(numbers)
    batch = pack(events, f"node-{number}", 0, 0)
    headers = {**batch.headers, "Nats-Msg-Id": f"live-{number}"}
    await world.queue.publish(usage_subject(f"node-{number}"), Batch(batch.payload, headers))
    while await world.queue.usage_pending("usage"):  # noqa: ASYNC110 - the queue knows, and does not tell
        await asyncio.sleep(0.01)
    await world.usage.figures()
    await world.billing().figures()


@pytest_asyncio.fixture(scope="module")
async def world(postgres: PostgresServer) -> AsyncIterator[World]:
    """Everything that billing works with, in one process."""
    async with AsyncExitStack() as stack:
        enter = stack.enter_async_context
        data_dir = stack.enter_context(temporary_directory())
        nats = await enter(running_nats(data_dir))
        database = await enter(fresh_database(postgres, "billing_live"))
        world = await enter(opened_world(database, nats, NOW))
        usage = open_usage(
            queue=world.queue, dsn=f"chdb://{data_dir}/usage", clock=world.clock, rollup_interval_seconds=0.1
        )
        billing = open_billing(
            database=database,
            usage=world.usage,
            ledger=world.ledger,
            compute=world.compute,
            queue=world.queue,
            clock=world.clock,
            interval_seconds=0.05,
            price_book_path=None,
            currency=CURRENCY,
        )
        components = [
            await enter(usage),
            await enter(open_compute(world.queue, clock=world.clock)),
            await enter(open_ledger(database=database, clock=world.clock, currency=CURRENCY)),
            await enter(billing),
        ]
        world.serve(*components)
        await enter(running_tasks(components))
        yield world


async def test_what_is_spent_now_is_priced_from_the_latest_readings(world: World) -> None:
    account = world.new_account()
    await world.ledger.deposit(account, "100", id=f"deposit:{account}")
    await send(
        world,
        hour_of("a", FEBRUARY + 3 * DAY, org_id=account, gpu_seconds=3600),
        hour_of("a", FEBRUARY + 20 * DAY, org_id=account, gpu_seconds=3600),
        hour_of("a", MARCH + 2 * DAY, org_id=account, gpu_seconds=7200),
        hour_of("a", NOW - DAY, org_id=account, cpu_seconds=3600),
        hour_of("a", NOW - HOUR, org_id=account, gpu_seconds=1800),
        hour_of("b", NOW - HOUR, org_id=account, cpu_seconds=7200),
    )
    spend = await world.billing().spend(account)
    assert spend.month_to_date == "4.608"  # 2.5 GPU-hours at 1.80 and 3 CPU-hours at 0.036
    assert spend.per_hour == "0.972"
    assert spend.available == "91.792"  # February was charged as well
    assert spend.runway_seconds == 91_792 * 3600 // 972
    assert spend.runs_out_at == NOW + timedelta(seconds=91_792 * 3600 // 972)
    hours_left = (APRIL - NOW) // HOUR
    assert micros_from_credits(spend.forecast_month) == 4_608_000 + hours_left * 972_000
    assert spend.previous_month_to_date == "1.80", "of two hours in February, one was before the 15th"
    assert spend.per_hour_yesterday == "0.036"
    assert spend.state == "ok"
    by_meter = {each.meter: (each.quantity, each.month_to_date) for each in spend.by_meter}
    assert by_meter["cpu_seconds"] == ("10800", "0.108")
    assert by_meter["gpu_seconds"] == ("9000", "4.50")


async def test_what_is_not_known_is_not_invented(world: World) -> None:
    account = world.new_account()
    spend = await world.billing().spend(account)
    assert (spend.month_to_date, spend.per_hour, spend.forecast_month) == ("0.00", "0.00", "0.00")
    assert (spend.runway_seconds, spend.runs_out_at) == (None, None)
    assert (spend.previous_month_to_date, spend.per_hour_yesterday) == (None, None)
    costs = await world.billing().costs(account, MARCH, NOW)
    assert (costs.rows, costs.total) == ([], "0.00")


async def test_a_user_pays_for_what_they_run_for_themselves_only(world: World) -> None:
    org, user = world.new_account(), f"u_{world.new_account()}"
    await send(
        world,
        hour_of("for-org", NOW - HOUR, org_id=org, user_id=user, gpu_seconds=3600),
        hour_of("for-me", NOW - HOUR, org_id=None, user_id=user, cpu_seconds=3600),
    )
    spend = await world.billing().spend(user)
    assert (spend.month_to_date, spend.per_hour) == ("0.036", "0.036")
    costs = await world.billing().costs(user, MARCH, NOW, "month", "instance")
    assert [(row.key, row.cost) for row in costs.rows] == [("for-me", "0.036")]


async def month_of_egress(world: World) -> str:
    """An account whose egress climbs through a free tier, around the turn of a month, from two instances."""
    account = world.new_account()
    starts = [MARCH - 3 * DAY + step * 7 * HOUR for step in range(24)] + [MARCH - HOUR, MARCH, MARCH + HOUR]
    await send(
        world,
        *[
            hour_of(f"i-{number % 3}", start, org_id=account, network_egress_mb=997.3 + number, cpu_seconds=number)
            for number, start in enumerate(starts)
        ],
    )
    return account


@pytest_asyncio.fixture(scope="module")
async def egress_account(world: World) -> str:
    return await month_of_egress(world)


def total_micros(costs: CostsView) -> int:
    assert micros_from_credits(costs.total) == sum(micros_from_credits(row.cost) for row in costs.rows)
    return micros_from_credits(costs.total)


@pytest.mark.parametrize("interval", ["hour", "day", "month"])
@pytest.mark.parametrize(
    "timezone", ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Auckland", "America/St_Johns"]
)
async def test_costs_add_up_to_what_the_months_cost_in_any_calendar(
    world: World, egress_account: str, interval: Interval, timezone: str
) -> None:
    billing = world.billing()
    from_at, to_at = MARCH - 5 * DAY, MARCH + 7 * DAY
    by_meter = await billing.costs(egress_account, from_at, to_at, interval, "meter", timezone=timezone)
    by_instance = await billing.costs(egress_account, from_at, to_at, interval, "instance", timezone=timezone)
    charged = (await world.ledger.balance(egress_account)).arrears
    assert total_micros(by_meter) == total_micros(by_instance) == micros_from_credits(charged)
    assert {row.key for row in by_instance.rows} == {"i-0", "i-1", "i-2"}
    starts = {row.start for row in by_meter.rows}
    assert {row.start for row in by_instance.rows} == starts
    assert all(row.start < row.end for row in by_meter.rows)


async def test_an_interval_costs_what_it_adds_to_the_month(world: World, egress_account: str) -> None:
    billing = world.billing()
    whole = await billing.costs(egress_account, MARCH, MARCH + 7 * DAY, "day")
    for day in range(5):
        part = await billing.costs(egress_account, MARCH + day * DAY, MARCH + (day + 1) * DAY, "hour")
        of_whole = [row for row in whole.rows if row.start == MARCH + day * DAY]
        assert total_micros(part) == sum(micros_from_credits(row.cost) for row in of_whole)


async def test_the_audits_figures_agree_on_every_line_and_with_the_ledger(world: World, egress_account: str) -> None:
    figures = await world.billing().figures()
    assert figures.moving == 0
    assert figures.price == figures.charged == figures.posted
    assert all(line.price == line.charged == line.posted for line in figures.lines)
    mine = sum(micros_from_credits(line.posted) for line in figures.lines if line.account_id == egress_account)
    assert (await world.ledger.figures()).charges[egress_account] == (
        await world.ledger.balance(egress_account)
    ).arrears
    assert mine == micros_from_credits((await world.ledger.balance(egress_account)).arrears)


async def test_charges_are_shown_page_by_page_newest_first(world: World, egress_account: str) -> None:
    billing, cursor = world.billing(), None
    seen: list[str] = []
    while True:
        page = await billing.charges(egress_account, cursor, limit=1)
        seen += [charge.id for charge in page.charges]
        cursor = page.next_cursor
        if cursor is None:
            break
    everything = await billing.charges(egress_account)
    assert seen == [charge.id for charge in everything.charges]
    assert all(charge.posted_at is not None and charge.transfer_id == charge.id for charge in everything.charges)


async def test_an_account_is_told_once_when_its_credit_runs_low_is_used_up_and_is_well_again(world: World) -> None:
    account = world.new_account()
    heard: asyncio.Queue[Signal] = asyncio.Queue()

    async def hear(message: Any) -> None:
        signal = msgspec.json.decode(message.data, type=Signal)
        if signal.account_id == account:
            heard.put_nowait(signal)

    subscription = await world.queue.connection.subscribe("signals.v1.>", cb=hear)
    await world.ledger.deposit(account, "10", id=f"deposit:{account}")
    await send(world, hour_of("c", NOW - HOUR, org_id=account, gpu_seconds=3600))
    low = await asyncio.wait_for(heard.get(), 30)
    assert (low.type, low.data["available"], low.data["per_hour"]) == (SignalType.BALANCE_LOW, "8.20", "1.80")
    await send(world, hour_of("c", NOW - 2 * HOUR, org_id=account, gpu_seconds=5 * 3600))
    exhausted = await asyncio.wait_for(heard.get(), 30)
    assert (exhausted.type, exhausted.data["available"]) == (SignalType.BALANCE_EXHAUSTED, "0.00")
    await world.ledger.deposit(account, "1000", id=f"more:{account}")
    world.clock.now += timedelta(seconds=31)
    restored = await asyncio.wait_for(heard.get(), 30)
    assert restored.type is SignalType.BALANCE_RESTORED
    world.clock.now += timedelta(minutes=11)
    await world.billing().figures()
    await subscription.unsubscribe()
    assert heard.empty()
    assert len({low.id, exhausted.id, restored.id}) == 3


async def test_someone_elses_account_is_not_there(world: World, egress_account: str) -> None:
    stranger = world.billing(Caller("stranger", CallerKind.USER))
    for asked in (
        stranger.spend(egress_account),
        stranger.costs(egress_account, MARCH, NOW),
        stranger.charges(egress_account),
        stranger.figures(),
    ):
        with pytest.raises(Problem) as refused:
            await asked
        assert refused.value.status == 404
    member = world.billing(Caller("member", CallerKind.USER, organizations={egress_account: "viewer"}))
    assert (await member.charges(egress_account)).charges


async def test_a_key_without_the_scope_is_refused(world: World, egress_account: str) -> None:
    key = Caller("key", CallerKind.USER, organizations={egress_account: "owner"}, scopes=frozenset({"usage:read"}))
    with pytest.raises(Problem, match="billing:read"):
        await world.billing(key).spend(egress_account)


@pytest.mark.parametrize(
    ("params", "field_name"),
    [
        ({"from": "2026-03-02T00:00:00Z", "to": "2026-03-01T00:00:00Z"}, "query.to"),
        ({"from": "2025-03-02T00:00:00Z", "to": "2026-03-01T00:00:00Z", "interval": "hour"}, "query.to"),
        ({"timezone": "Mars/Olympus"}, "query.timezone"),
        ({"interval": "week"}, "query.interval"),
        ({"group_by": "colour"}, "query.group_by"),
        ({"from": "0001-01-01T00:00:00Z"}, "query.from"),
        ({"from": "yesterday"}, "query.from"),
    ],
)
async def test_a_question_that_means_nothing_names_the_field(
    world: World, params: dict[str, str], field_name: str
) -> None:
    with pytest.raises(Problem) as refused:
        await world.service().get("/api/v1/billing/accounts/org_x/costs", params=params, as_=CostsView)
    assert refused.value.status == 422
    assert field_name in [error["field"] for error in refused.value.extra["errors"]]


async def test_everybody_may_see_the_prices(world: World) -> None:
    response = await world.http.get("/api/v1/prices")
    assert response.status_code == 200
    lines = {line["meter"]: line for line in response.json()["lines"]}
    assert lines["cpu_seconds"]["text"] == "0.036 EUR per CPU-hour"
    assert lines["network_egress_mb"]["text"] == (
        "free up to 10 GB; 0.05 EUR per GB up to 10000 GB; 0.03 EUR per GB beyond 10000 GB"
    )
    assert lines["instance_seconds"]["text"] == "free"
