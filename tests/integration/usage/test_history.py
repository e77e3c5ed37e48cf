"""History: what was used, in the customer's days, to those who may see it; and what is missing is not zero."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.integration.usage.conftest import MARCH, World, reading

from fogbank.runtime.auth import Caller, CallerKind
from fogbank.runtime.problems import Problem
from fogbank.usage.client import Subject

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


async def test_an_instances_hours_add_up_its_readings_and_leave_out_what_was_not_measured(world: World) -> None:
    await world.send(
        reading("h-1", MARCH, metrics={"cpu_seconds": 3.5}),
        reading("h-1", MARCH + MINUTE, metrics={"cpu_seconds": 0.25, "memory_gb": 8.4}),
        reading("h-1", MARCH + 2 * HOUR),
    )
    await world.settled()
    history = await world.client().history("instances", "h-1", from_at=MARCH, to_at=MARCH + 5 * HOUR)
    assert [(row.start, row.end, row.events) for row in history.rows] == [
        (MARCH, MARCH + HOUR, 2),
        (MARCH + 2 * HOUR, MARCH + 3 * HOUR, 1),
    ]
    first = history.rows[0]
    assert first.quantities["cpu_seconds"] == "3.75"
    assert first.quantities["memory_gb_seconds"] == "378"
    assert first.quantities["instance_seconds"] == "60"
    assert first.averages["memory_gb"] == "6.3"


async def test_history_is_the_same_before_and_after_its_hours_are_rolled_up(world: World) -> None:
    events = [reading("h-2", MARCH + minute * MINUTE, user_id="u-2") for minute in range(0, 200, 7)]
    await world.send(*events)
    await world.settled()
    client = world.client()
    asked: dict[str, Any] = {"from_at": MARCH, "to_at": MARCH + 4 * HOUR}
    before = await client.history("users", "u-2", **asked, interval="day")
    assert before.complete_until == MARCH
    await world.rolled_up()
    after = await client.history("users", "u-2", **asked, interval="day")
    assert after.complete_until > MARCH + 4 * HOUR
    assert after.rows == before.rows


async def test_a_day_is_the_customers_also_when_its_clock_is_set(world: World) -> None:
    # In Berlin 29 March 2026 has 23 hours, from 23:00 to 22:00 UTC.
    start = datetime(2026, 3, 28, 22, 30, tzinfo=UTC)
    await world.send(*[reading("h-3", start + hour * HOUR) for hour in range(48)])
    await world.settled()
    history = await world.client().history(
        "instances", "h-3", from_at=start, to_at=start + 2 * DAY, interval="day", timezone="Europe/Berlin"
    )
    assert [(row.start.hour, row.end - row.start, row.events) for row in history.rows] == [
        (23, 24 * HOUR, 1),
        (23, 23 * HOUR, 23),
        (22, 24 * HOUR, 24),
    ]


async def test_a_zone_at_half_an_hour_cuts_an_hour_in_two(world: World) -> None:
    midnight_in_kolkata = datetime(2026, 3, 5, 18, 30, tzinfo=UTC)
    await world.send(reading("h-4", midnight_in_kolkata - MINUTE), reading("h-4", midnight_in_kolkata))
    await world.settled()
    history = await world.client().history(
        "instances",
        "h-4",
        from_at=midnight_in_kolkata - DAY,
        to_at=midnight_in_kolkata + DAY,
        interval="day",
        timezone="Asia/Kolkata",
    )
    assert [(row.start, row.events) for row in history.rows] == [
        (midnight_in_kolkata - DAY, 1),
        (midnight_in_kolkata, 1),
    ]


async def test_rows_are_split_by_instance_user_and_meter_as_asked(world: World) -> None:
    await world.send(
        reading("h-5a", MARCH, user_id="u-5", org_id="o-5"),
        reading("h-5b", MARCH, user_id="u-5", org_id="o-5"),
        reading("h-5b", MARCH + MINUTE, user_id="u-6", org_id="o-5"),
    )
    await world.settled()
    client = world.client()
    asked: dict[str, Any] = {"from_at": MARCH, "to_at": MARCH + HOUR}
    whole = await client.history("organizations", "o-5", **asked)
    assert [(row.group, row.events) for row in whole.rows] == [({}, 3)]
    split = await client.history("organizations", "o-5", **asked, group_by=("instance", "user"))
    assert [(row.group, row.events) for row in split.rows] == [
        ({"instance": "h-5a", "user": "u-5"}, 1),
        ({"instance": "h-5b", "user": "u-5"}, 1),
        ({"instance": "h-5b", "user": "u-6"}, 1),
    ]
    meters = await client.history("organizations", "o-5", **asked, group_by=("meter",))
    assert {row.group["meter"]: row.quantities for row in meters.rows}["cpu_seconds"] == {"cpu_seconds": "9"}


async def test_pages_follow_each_other_without_gap_or_repeat(world: World) -> None:
    await world.send(*[reading(f"h-6-{number}", MARCH + number * HOUR, org_id="o-6") for number in range(7)])
    await world.settled()
    client = world.client()
    asked: dict[str, Any] = {"from_at": MARCH, "to_at": MARCH + DAY, "group_by": ("instance",)}
    seen: list[str] = []
    cursor: str | None = None
    while True:
        page = await client.history("organizations", "o-6", **asked, cursor=cursor, limit=3)
        seen += [row.group["instance"] for row in page.rows]
        if (cursor := page.next_cursor) is None:
            break
    assert seen == [f"h-6-{number}" for number in range(7)]


async def test_a_caller_sees_their_own_and_their_organisations_readings_and_no_others(world: World) -> None:
    await world.send(
        reading("h-7", MARCH, user_id="alice", org_id="o-7"),
        reading("h-7", MARCH + MINUTE, user_id="alice"),
        reading("h-7", MARCH + 2 * MINUTE, user_id="bob", org_id="o-8"),
    )
    await world.settled()
    asked: dict[str, Any] = {"from_at": MARCH, "to_at": MARCH + HOUR}

    async def seen(caller: Caller, kind: Subject = "instances", subject_id: str = "h-7") -> int:
        history = await world.client(caller).history(kind, subject_id, **asked)
        return sum(row.events for row in history.rows)

    alice = Caller("alice", CallerKind.USER)
    assert await seen(alice) == 2
    assert await seen(Caller("carol", CallerKind.USER, {"o-7": "viewer"})) == 1
    assert await seen(Caller("admin", CallerKind.USER, is_administrator=True)) == 3
    for stranger in (Caller("mallory", CallerKind.USER), Caller("bob-2", CallerKind.USER, {"o-9": "owner"})):
        subjects: list[tuple[Subject, str]] = [("instances", "h-7"), ("users", "alice"), ("organizations", "o-7")]
        for kind, subject_id in subjects:
            with pytest.raises(Problem) as refused:
                await seen(stranger, kind, subject_id)
            assert (refused.value.status, refused.value.kind) == (404, "not-found")


async def test_someone_elses_is_as_absent_as_what_never_was(world: World) -> None:
    await world.send(reading("h-9", MARCH, user_id="dora"))
    await world.settled()
    stranger = world.client(Caller("erin", CallerKind.USER))
    answers = []
    for instance_id in ("h-9", "h-0"):
        with pytest.raises(Problem) as refused:
            await stranger.history("instances", instance_id, from_at=MARCH, to_at=MARCH + HOUR)
        answers.append(str(refused.value).replace(instance_id, "?"))
    assert answers[0] == answers[1]


async def test_ones_own_account_exists_before_its_first_reading(world: World) -> None:
    newcomer = world.client(Caller("fred", CallerKind.USER))
    assert (await newcomer.history("users", "fred", from_at=MARCH, to_at=MARCH + HOUR)).rows == []


@pytest.mark.parametrize(
    ("changes", "field", "says"),
    [
        ({"timezone": "Europe/Atlantis"}, "query.timezone", "IANA"),
        ({"timezone": "../../etc/passwd"}, "query.timezone", "IANA"),
        ({"group_by": ("planet",)}, "query.group_by", "instance, user, meter"),
        ({"interval": "week"}, "query.interval", "'hour', 'day' or 'month'"),
        ({"to_at": MARCH - HOUR}, "query.to", "after from"),
        ({"to_at": MARCH + 100 * DAY}, "query.to", "at most 93 days"),
        ({"cursor": "bm9wZQ"}, "query.after", "start over"),
        ({"from_at": datetime(2026, 3, 1)}, "query.from", "timezone"),  # noqa: DTZ001 - a naive time is the point
    ],
)
async def test_what_means_nothing_is_named_with_what_is_allowed(
    world: World, changes: dict[str, Any], field: str, says: str
) -> None:
    asked: dict[str, Any] = {"from_at": MARCH, "to_at": MARCH + HOUR, **changes}
    with pytest.raises(Problem) as refused:
        await world.client().history("instances", "h-1", **asked)
    assert refused.value.status == 422
    [error] = refused.value.extra["errors"]
    assert error["field"] == field
    assert says in error["reason"]
