"""Retention: what has expired goes, all else stays to the last unit, and nothing that went ever comes back."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from tests.integration.retention.conftest import ADMIN, NOW, PLACES, SERVICE, World, reading

from fogbank.runtime.auth import Caller, CallerKind
from fogbank.runtime.problems import Problem
from fogbank.usage.client import Subject, UsageFigures
from fogbank.usage.client.mending import MendingClient
from fogbank.usage.client.retention import (
    Action,
    DataClass,
    PolicyToSet,
    ProposedPolicy,
    RetentionChange,
)

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
OLD = NOW - 20 * DAY
READINGS, WINDOWS, HOURS = DataClass
QUARANTINE = "QUARANTINE"


def some(payer: str, at: datetime, count: int = 4) -> list[dict[str, object]]:
    return [reading(f"i-{payer}", at + number * timedelta(minutes=4), org_id=payer) for number in range(count)]


async def fill(world: World, payers: str = "ab") -> UsageFigures:
    """Readings of each payer, an old day and a new one."""
    for payer in payers:
        await world.send(some(payer, OLD) + some(payer, NOW - DAY))
    return await world.stored()


async def keep(world: World, data_class: DataClass, days: int, payer: str | None = None) -> None:
    await world.retention().set_policy(PolicyToSet(data_class, days, "because", payer))


async def used_by_day(world: World, payer: str) -> dict[datetime, str]:
    """CPU seconds by day, as people see them."""
    history = await world.usage.history("organizations", payer, from_at=NOW - 90 * DAY, to_at=NOW + DAY, interval="day")
    return {row.start: row.quantities["cpu_seconds"] for row in history.rows}


async def totals_of(world: World) -> dict[tuple[str, datetime], dict[str, str]]:
    return {(each.account_id, each.month_start_at): each.quantities for each in (await world.usage.totals(0)).totals}


def require_equal(figures: UsageFigures) -> None:
    """What the audit requires."""
    assert figures.accepted_events == figures.accepted_stored
    assert figures.stored_events == figures.window_events == figures.hour_events
    for account in figures.accounts:
        assert [getattr(account, place) for place in PLACES] == [account.stored] * len(PLACES)
        assert account.older_windows == account.days_of_older_windows
        assert account.older_hours == account.days_of_older_hours


def rows_of(change: RetentionChange) -> list[tuple[str, str, Action, int, int]]:
    return [(each.table, each.partition, each.action, each.rows_before, each.rows_after) for each in change.partitions]


def refused(status: int, says: str) -> "pytest.RaisesExc[Problem]":
    return pytest.RaisesExc(Problem, check=lambda problem: problem.status == status and says in problem.detail)


async def test_what_nobody_keeps_is_dropped_and_bills_history_and_audit_do_not_notice(world: World) -> None:
    await fill(world)
    history, totals = await used_by_day(world, "a"), await totals_of(world)
    await keep(world, READINGS, 14)
    preview = await world.retention().preview()
    done = await world.retention().apply("spring")
    assert rows_of(done) == rows_of(preview) == [("usage_events", "20260223", Action.DROP, 8, 0)]
    assert done.payers == preview.payers
    assert {payer.account_id: payer.rows for payer in done.payers} == {"a": 4, "b": 4}
    assert [floor.kept_from for floor in done.floors] == [datetime(2026, 3, 1, tzinfo=UTC)]
    figures = await world.stored()
    require_equal(figures)
    assert figures.stored_events == figures.accepted_events == 8
    assert {account.used["cpu_seconds"] for account in figures.accounts} == {"24"}
    assert (await used_by_day(world, "a"), await totals_of(world)) == (history, totals)
    assert rows_of(await world.retention().apply("again")) == [], "nothing is left to do"


async def test_a_day_that_others_keep_is_written_anew_without_those_who_do_not(world: World) -> None:
    await fill(world)
    before = await totals_of(world)
    await keep(world, READINGS, 14, "a")
    preview = await world.retention().preview()
    done = await world.retention().apply("a asked for it")
    assert rows_of(done) == rows_of(preview) == [("usage_events", "20260223", Action.REWRITE, 8, 4)]
    assert [(payer.account_id, payer.rows) for payer in done.payers] == [("a", 4)]
    figures = await world.stored()
    require_equal(figures)
    assert {account.account_id: account.stored["cpu_seconds"] for account in figures.accounts} == {"a": "12", "b": "24"}
    assert await totals_of(world) == before


async def test_a_late_reading_moves_its_payer_and_leaves_what_neighbours_lost_readings_of(world: World) -> None:
    await fill(world)
    await keep(world, READINGS, 14, "a")
    await world.retention().apply("a asked for it")
    before, seen = await totals_of(world), await used_by_day(world, "a")
    await world.send([reading("i-b2", OLD, org_id="b")])
    # Before the hour comes to rest it is answered from readings, of which a has none.
    while (await used_by_day(world, "b"))[OLD.replace(hour=0)] != "15":  # noqa: ASYNC110 - usage does not tell
        await asyncio.sleep(0.01)
    assert await used_by_day(world, "a") == seen
    world.clock.now += 2 * timedelta(minutes=1)
    require_equal(await world.stored())
    assert await used_by_day(world, "a") == seen
    after = await totals_of(world)
    february = OLD.replace(day=1, hour=0)
    assert after["b", february]["cpu_seconds"] == "15"
    assert {key: value for key, value in after.items() if key[0] == "a"} == {
        key: value for key, value in before.items() if key[0] == "a"
    }


async def test_a_late_reading_below_its_payers_floor_is_set_aside_with_the_reason(world: World) -> None:
    await fill(world)
    await keep(world, READINGS, 14)
    await keep(world, READINGS, 30, "b")
    await world.retention().apply("spring")
    before = await totals_of(world)
    late = [reading("i-new", OLD + HOUR, org_id=payer) for payer in ("a", "b")]
    await world.send([late[0], reading("i-new", NOW - DAY, org_id="a"), late[1]])
    require_equal(await world.stored())
    jetstream = world.queue.connection.jetstream()
    assert (await jetstream.stream_info(QUARANTINE)).state.messages == 1
    kept = await jetstream.get_msg(QUARANTINE, 1)
    assert kept.headers is not None
    assert kept.headers["Fogbank-Rejected-Field"] == "period.start"
    assert kept.headers["Fogbank-Rejected-Reason"] == (
        "is before 2026-03-01T00:00:00Z, from when on readings of this account are taken"
    )
    assert b'"org_id":"a"' in (kept.data or b"")
    await world.start()
    await world.send([reading("i-newer", OLD + HOUR, org_id="a")])
    figures = await world.stored()
    require_equal(figures)
    assert (await jetstream.stream_info(QUARANTINE)).state.messages == 2, "floors outlive the process"
    february = OLD.replace(day=1, hour=0)
    after = await totals_of(world)
    assert (after["a", february], after["b", february]["cpu_seconds"]) == (before["a", february], "15")


async def test_readings_that_come_while_days_are_written_anew_are_all_there_afterwards(world: World) -> None:
    payers = [f"p{number}" for number in range(6)]
    for payer in (*payers, "b"):
        await world.send(some(payer, OLD, count=300 // len(payers)))
    await world.stored()
    sending = asyncio.create_task(_send_late(world, 120))
    for payer in payers:
        await keep(world, READINGS, 14, payer)
        change = await world.retention().apply("one after the other")
        assert [each.action for each in change.partitions] == [Action.REWRITE]
    await sending
    world.clock.now += 2 * timedelta(minutes=1)
    figures = await world.stored()
    require_equal(figures)
    assert {account.account_id: account.stored["instance_seconds"] for account in figures.accounts}["b"] == str(
        (50 + 120) * 30
    )


async def _send_late(world: World, count: int) -> None:
    for number in range(count):
        await world.send([reading(f"i-late-{number}", OLD, org_id="b")])


async def test_rollups_go_by_whole_months_and_days_stay(world: World) -> None:
    for month in range(1, 4):
        for payer in "ab":
            await world.send(some(payer, datetime(2026, month, 5, tzinfo=UTC)))
    before = await world.stored()
    for data_class in DataClass:
        await keep(world, data_class, 30)
    for data_class in (WINDOWS, HOURS):
        await world.retention().set_policy(PolicyToSet(data_class, "forever", "b pays for it", "b"))
    preview = await world.retention().preview()
    done = await world.retention().apply("spring")
    assert rows_of(done) == rows_of(preview)
    assert {(each.table, each.partition, each.action) for each in done.partitions} == {
        ("usage_events", "20260105", Action.DROP),
        ("usage_events", "20260205", Action.DROP),
        ("account_windows", "202601", Action.REWRITE),
        ("instance_hours", "202601", Action.REWRITE),
        ("account_hours", "202601", Action.REWRITE),
        ("user_hours", "202601", Action.REWRITE),
    }
    figures = await world.stored()
    require_equal(figures)
    assert [account.used for account in figures.accounts] == [account.used for account in before.accounts]
    assert sorted(await used_by_day(world, "a")) == [datetime(2026, month, 5, tzinfo=UTC) for month in (2, 3)]
    assert len(await used_by_day(world, "b")) == 3


async def test_what_invoices_may_still_need_stays_and_without_an_answer_everything_does(world: World) -> None:
    await fill(world)
    await keep(world, READINGS, 14)
    world.needs.needed = OLD.replace(day=1, hour=0)
    assert rows_of(await world.retention().apply("too early")) == []
    world.needs.needed = None
    for work in (world.retention().apply("nobody knows"), world.retention().preview()):
        with refused(503, "does not answer"):
            await work
    assert (await world.stored()).stored_events == 16
    world.needs.needed = NOW
    assert len(rows_of(await world.retention().apply("now"))) == 1
    # A correction of an older month needs it again: what is below the floor and not dropped yet stays meanwhile.
    world.needs.needed = OLD.replace(day=1, hour=0)
    await keep(world, WINDOWS, 14)
    assert rows_of(await world.retention().apply("not now")) == []


async def test_little_that_expired_waits_until_it_is_worth_writing_a_day_anew(world: World) -> None:
    await world.send(some("small", OLD, 1) + some("large", OLD, 12))
    await world.stored()
    await keep(world, READINGS, 14, "small")
    [waiting] = (await world.retention().apply("waits")).partitions
    assert (waiting.action, waiting.rows_expired, waiting.rows_after) == (Action.KEEP, 1, 13)
    require_equal(await world.stored())
    [gone] = (await world.retention().apply("all of it", thorough=True)).partitions
    assert (gone.action, gone.rows_after) == (Action.REWRITE, 12)


async def test_an_hour_that_cannot_be_cut_any_more_is_in_the_interval_it_starts_in(world: World) -> None:
    for minutes in (0, 40):
        await world.send([reading("i-a", OLD + timedelta(minutes=minutes), org_id="a")])
    await world.send([reading("i-a", NOW - DAY, org_id="a")])
    await world.stored()
    asked = {"from_at": OLD, "to_at": OLD + 2 * HOUR, "interval": "hour", "timezone": "Asia/Kolkata"}

    async def seen(kind: Subject, subject_id: str) -> list[tuple[datetime, int]]:
        history = await world.usage.history(kind, subject_id, **asked)  # type: ignore[arg-type]
        return [(row.start, row.events) for row in history.rows]

    half = timedelta(minutes=30)
    cut, whole = [(OLD - half, 1), (OLD + half, 1)], [(OLD - half, 2)]
    assert await seen("instances", "i-a") == await seen("organizations", "a") == cut
    await keep(world, READINGS, 14)
    await world.retention().apply("spring")
    assert (await seen("instances", "i-a"), await seen("organizations", "a")) == (whole, cut)


async def test_what_is_final_cannot_be_corrected_nor_given_to_a_payer_for_whom_it_is(world: World) -> None:
    await world.send(some("small", OLD, 1) + some("large", OLD, 12))
    await world.stored()
    await keep(world, READINGS, 14, "small")
    await world.retention().apply("waits, since it is little")
    mending = MendingClient(world.http(ADMIN))
    with refused(404, "reading"):
        await mending.correct("i-small", OLD, reason="late", metrics={"cpu_seconds": "9"})
    with refused(422, "'small' keeps no readings of that time"):
        await mending.correct("i-large", OLD, reason="moved", org_id="small")
    corrected = await mending.correct("i-large", OLD, reason="late", metrics={"cpu_seconds": "9"})
    assert corrected.revision == 1
    require_equal(await world.stored())


async def test_policies_are_shown_with_who_set_them_and_written_into_the_activity_log(world: World) -> None:
    await keep(world, READINGS, 14)
    await keep(world, READINGS, 30, "a")
    await world.retention().set_policy(PolicyToSet(READINGS, "default", "it left", "a"))
    shown = await world.retention().view()
    assert [(each.account_id, each.keep, each.set_by, each.reason) for each in shown.policies] == [
        (None, 14, "admin", "because"),
        ("a", "default", "admin", "it left"),
    ]
    assert [(act["subject"], act["before"], act["after"]) for act in world.acts.written] == [
        ("usage/retention/readings", None, {"keep": 14}),
        ("usage/retention/readings/a", None, {"keep": 30}),
        ("usage/retention/readings/a", {"keep": 30}, {"keep": "default"}),
    ]
    assert len({act["id_"] for act in world.acts.written}) == 3
    assert [size.data_class for size in shown.sizes] == list(DataClass)
    assert shown.recommended == [ProposedPolicy(READINGS, 90), ProposedPolicy(WINDOWS, 400)]
    await world.retention().apply("spring")
    assert (world.acts.written[-1]["action"], world.acts.written[-1]["reason"]) == ("retention.apply", "spring")


async def test_a_policy_can_be_tried_before_it_is_set(world: World) -> None:
    await fill(world)
    assert rows_of(await world.retention().preview()) == []
    tried = await world.retention().preview([ProposedPolicy(READINGS, 14)])
    assert rows_of(tried) == [("usage_events", "20260223", Action.DROP, 8, 0)]
    [readings] = [each for each in tried.classes if each.data_class is READINGS]
    assert (readings.rows, readings.bytes) == (8, tried.partitions[0].bytes_before)
    assert (await world.stored()).stored_events == 16


async def test_a_policy_that_cannot_hold_is_refused_with_what_can(world: World) -> None:
    for policy, says in (
        (PolicyToSet(READINGS, 7, "x"), "8 to 36500 days, because the queue holds"),
        (PolicyToSet(READINGS, 36_501, "x"), "8 to 36500 days"),
        (PolicyToSet(WINDOWS, 30, "x"), "at least as long"),
        (PolicyToSet(READINGS, "default", "x"), "in the default itself"),
        (PolicyToSet(READINGS, 30, " "), "reason"),
        (PolicyToSet(READINGS, 30, "x", "not an id"), "account_id"),
    ):
        with refused(422, says):
            await world.retention().set_policy(policy)
    assert (await world.retention().view()).policies == []
    assert world.acts.written == []


async def test_for_others_than_administrators_and_services_there_is_no_retention(world: World) -> None:
    customer = world.retention(Caller("user_1", CallerKind.USER, organizations={"a": "owner"}))
    asked: list[Callable[[], object]] = [
        customer.view,
        customer.preview,
        lambda: customer.apply("mine"),
        lambda: customer.set_policy(PolicyToSet(READINGS, 30, "mine", "a")),
    ]
    for ask in asked:
        with refused(404, "There is nothing"):
            await ask()  # type: ignore[misc]
    assert (await world.retention(SERVICE).view()).floors == []
