"""Exactly once: whatever the queue repeats, reorders or cuts anew, each reading counts as it was first accepted."""

import asyncio
import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from itertools import product
from typing import Any

import msgspec
from tests.integration.usage.conftest import MARCH, METRICS, SERVICE, World, reading

from fogbank.events.batch import Batch
from fogbank.events.usage_event import METRIC_MAX
from fogbank.kernel.meters import Meter
from fogbank.kernel.quantities import (
    decimal_from_quantity,
    gauge_seconds_micros,
    metric_micros,
    quantity_from_decimal,
)
from fogbank.runtime.auth import Caller, CallerKind
from fogbank.runtime.problems import Problem
from fogbank.usage.client import Totals

MINUTE = timedelta(minutes=1)


def months_of(totals: Totals, account_id: str) -> dict[datetime, dict[str, str]]:
    return {each.month_start_at: each.quantities for each in totals.totals if each.account_id == account_id}


async def total_when_complete(world: World, account_id: str, seconds: int) -> dict[str, str]:
    """The account's March once it holds that many instance seconds."""

    def is_there(totals: Totals) -> bool:
        month = months_of(totals, account_id).get(datetime(2026, 3, 1, tzinfo=UTC), {})
        return month.get("instance_seconds") == str(seconds)

    return months_of(await world.totals_when(is_there), account_id)[datetime(2026, 3, 1, tzinfo=UTC)]


async def test_three_copies_in_any_order_and_any_batches_add_up_to_the_readings_themselves(world: World) -> None:
    dice = random.Random(7)
    values = [
        {"cpu_seconds": dice.random() * 30, "memory_gb": dice.random() * 64, "network_egress_mb": dice.expovariate(0.1)}
        for _ in range(300)
    ]
    answers = []
    for account_id in ("x-1", "x-2", "x-3"):
        events = [
            reading(f"{account_id}-i{number % 7}", MARCH + number * MINUTE, org_id=account_id, metrics=value)
            for number, value in enumerate(values)
        ]
        copies = events * 3
        dice.shuffle(copies)
        while copies:
            size = dice.randint(1, 90)
            await world.send(*copies[:size])
            del copies[:size]
        await world.settled()
        answers.append(await total_when_complete(world, account_id, 300 * 30))
    assert answers[0] == answers[1] == answers[2]
    expected = sum(metric_micros(value["cpu_seconds"]) for value in values)
    assert Fraction(answers[0]["cpu_seconds"]) == Fraction(decimal_from_quantity(expected))
    held = sum(gauge_seconds_micros(metric_micros(value["memory_gb"]), 30_000_000) for value in values)
    assert Fraction(answers[0]["memory_gb_seconds"]) == Fraction(decimal_from_quantity(held))


async def test_the_reading_that_was_accepted_first_wins_whatever_comes_later(world: World) -> None:
    await world.send(reading("x-4", MARCH, org_id="x-4", metrics={"cpu_seconds": 1}))
    await world.send(reading("x-4", MARCH, org_id="x-4", metrics={"cpu_seconds": 2}))
    # The same identity under another organisation is the same reading, and is not billed a second time.
    await world.send(reading("x-4", MARCH, org_id="x-5", metrics={"cpu_seconds": 4}))
    await world.send(reading("x-4", MARCH + MINUTE, org_id="x-4", metrics={"cpu_seconds": 8}))
    total = await total_when_complete(world, "x-4", 60)
    assert total["cpu_seconds"] == "9"
    assert months_of(await world.client().totals(0), "x-5") == {}


async def test_what_a_customer_reports_never_pre_empts_what_a_node_measured(world: World) -> None:
    reported = reading("x-13", MARCH, seconds=1, org_id="x-13")
    measured = reading("x-13", MARCH, seconds=30, org_id="x-13")
    await world.send(reported, node_id="door:somebody")
    await total_when_complete(world, "x-13", 1)
    await world.send(measured, node_id="node-1")
    await total_when_complete(world, "x-13", 30)
    await world.send(reported, node_id="door:somebody")
    await world.rolled_up()
    await total_when_complete(world, "x-13", 30)


async def test_a_late_reading_moves_its_payers_total_and_the_cursor_and_no_other_payers(world: World) -> None:
    await world.send(reading("x-6", MARCH, org_id="x-6"), reading("x-7", MARCH, org_id="x-7"))
    await total_when_complete(world, "x-7", 30)
    before = await world.client().totals(0)
    assert (await world.client().totals(before.cursor)).totals == []
    await world.send(reading("x-6", MARCH - timedelta(days=1), org_id="x-6"))
    after = await world.totals_when(lambda totals: bool(totals.totals), before.cursor)
    assert [each.account_id for each in after.totals] == ["x-6"]
    assert after.totals[0].quantities["instance_seconds"] == "60"
    assert after.cursor > before.cursor


async def test_the_payer_is_the_organisation_else_the_user_and_months_are_apart(world: World) -> None:
    last_of_march = datetime(2026, 3, 31, 23, 59, 30, tzinfo=UTC)
    await world.send(
        reading("x-8", last_of_march, user_id="x-8-user"),
        reading("x-8", last_of_march + timedelta(seconds=30), user_id="x-8-user"),
    )
    totals = await world.totals_when(lambda totals: len(months_of(totals, "x-8-user")) == 2)
    months = months_of(totals, "x-8-user")
    assert sorted(month.month for month in months) == [3, 4]
    assert {quantities["instance_seconds"] for quantities in months.values()} == {"30"}
    assert {meter.value for meter in Meter} == set(months[min(months)])
    assert months_of(await world.client().totals_of("x-8-user"), "x-8-user") == months
    assert (await world.client().totals_of("x-8")).totals == []


async def test_what_is_stored_is_counted_for_prometheus(world: World) -> None:
    await world.send(reading("x-19", MARCH, org_id="x-19"))
    await total_when_complete(world, "x-19", 30)
    shown = (await world.http.get("/metrics")).text
    stored = next(line for line in shown.splitlines() if line.startswith("fogbank_usage_events_stored_total "))
    assert float(stored.split()[1]) >= 1


async def test_what_is_wrong_is_set_aside_and_the_rest_of_its_batch_is_billed(world: World) -> None:
    jetstream = world.queue.connection.jetstream()
    before = (await jetstream.stream_info("QUARANTINE")).state.messages
    good = [reading("x-9", MARCH + number * MINUTE, org_id="x-9") for number in range(3)]
    wrong: list[dict[str, Any] | bytes] = [
        {**good[0], "period": {**good[0]["period"], "end": good[0]["period"]["start"]}},
        b"{not json",
        b"[" * 10_000,
        {**good[0], "metrics": {**good[0]["metrics"], "cpu_seconds": -1}},
    ]
    await world.send(good[0], wrong[0], wrong[1], good[1], wrong[2], wrong[3], good[2], node_id="node-9")
    assert (await total_when_complete(world, "x-9", 90))["instance_seconds"] == "90"
    await world.settled()
    info = await jetstream.stream_info("QUARANTINE")
    assert info.state.messages - before == len(wrong)
    kept = [await jetstream.get_msg("QUARANTINE", sequence) for sequence in range(before + 1, before + 5)]
    reasons = {(message.headers or {})["Fogbank-Rejected-Field"]: message for message in kept}
    assert set(reasons) == {"period.end", "(event)", "metrics.cpu_seconds"}
    assert reasons["metrics.cpu_seconds"].data == msgspec.json.encode(wrong[3])
    assert (reasons["period.end"].headers or {})["Fogbank-Node"] == "node-9"


async def test_an_unreadable_message_is_set_aside_whole_and_does_not_stop_the_flow(world: World) -> None:
    jetstream = world.queue.connection.jetstream()
    headers = {"Content-Encoding": "zstd", "Nats-Msg-Id": ""}
    await world.send_batch(Batch(b"not zstd at all", headers), "node-10")
    await world.send(reading("x-10", MARCH, org_id="x-10"))
    await total_when_complete(world, "x-10", 30)
    await world.settled()
    kept = await jetstream.get_last_msg("QUARANTINE", "quarantine.v1.node-10")
    assert kept.data == b"not zstd at all"
    assert kept.headers is not None
    assert kept.headers["Content-Encoding"] == "zstd"
    assert kept.headers["Fogbank-Rejected-Field"] == "(message)"


async def test_the_figures_of_the_audit_agree_in_every_place(world: World) -> None:
    await world.send(*[reading(f"x-11-{number}", MARCH, org_id="x-11") for number in range(50)])
    await world.rolled_up()
    figures = await world.client(SERVICE).figures()
    assert figures.accepted_events == figures.accepted_stored == figures.stored_events > 50
    assert figures.stored_events == figures.window_events == figures.hour_events
    assert (figures.pending_messages, figures.dirty_windows) == (0, 0)
    for account in figures.accounts:
        assert account.stored == account.windows == account.days == account.hours


async def test_totals_and_figures_are_for_services_only(world: World) -> None:
    for caller in (Caller("someone", CallerKind.USER), Caller("admin-2", CallerKind.USER, is_administrator=True)):
        client = world.client(caller)
        for refused in await asyncio.gather(client.totals(0), client.figures(), return_exceptions=True):
            assert isinstance(refused, Problem)
            assert refused.status == 404


AWKWARD = [0.0, 5e-7, 1.5e-6, 2.5e-6, 0.1 + 0.2, 4.35, 1 / 3, 123456.7890125, METRIC_MAX, METRIC_MAX - 0.1, 1e-300]
LENGTHS_US = [1, 333_333, 999_999, 1_000_000, 29_999_999, 30_000_000, 3_600_000_000]


async def test_the_engine_computes_the_kernels_integers_to_the_last_unit(world: World) -> None:
    start, expected = MARCH, Counter[str]()
    events = []
    for number, (value, length_us) in enumerate(product(AWKWARD, LENGTHS_US)):
        at = start + number * timedelta(hours=1)
        events.append(
            reading(
                "x-12",
                at,
                org_id="x-12",
                metrics=dict.fromkeys(METRICS, value),
                period={"start": at.isoformat(), "end": (at + timedelta(microseconds=length_us)).isoformat()},
            )
        )
        for meter in ("cpu_seconds", "gpu_seconds", "network_egress_mb", "network_ingress_mb"):
            expected[meter] += metric_micros(value)
        for meter in ("memory_gb_seconds", "storage_gb_seconds"):
            expected[meter] += gauge_seconds_micros(metric_micros(value), length_us)
        expected["instance_seconds"] += length_us
    await world.send(*events)
    await world.settled()
    history = await world.client().history(
        "organizations", "x-12", from_at=start, to_at=start + timedelta(days=20), interval="month"
    )
    [row] = history.rows
    assert row.events == len(events)
    assert {meter: quantity_from_decimal(text) for meter, text in row.quantities.items()} == expected
    await world.rolled_up()
    again = await world.client().history(
        "organizations", "x-12", from_at=start, to_at=start + timedelta(days=20), interval="month"
    )
    assert again.rows == history.rows


async def test_one_message_may_hold_readings_of_more_days_than_the_engine_likes_in_an_insert(world: World) -> None:
    days = [reading("x-18", MARCH - timedelta(days=number), org_id="x-18") for number in range(101)]
    await world.send(*days)
    totals = await world.totals_when(lambda totals: len(months_of(totals, "x-18")) == 5)
    assert sum(int(month["instance_seconds"]) for month in months_of(totals, "x-18").values()) == 101 * 30
