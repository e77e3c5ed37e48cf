"""Groups and filters: history split and narrowed in every way adds up to the same, and names what it does not take."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any, get_args

import msgspec
import pytest
import pytest_asyncio
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from tests.integration.usage.conftest import MARCH, World, reading

from fogbank.kernel.quantities import quantity_from_decimal
from fogbank.runtime.problems import Problem
from fogbank.usage.client import GroupBy, History, Interval, Only
from fogbank.usage.history.asking import MEDIA_TYPES

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
START = MARCH - timedelta(days=31)


async def all_of(world: World, org_id: str, **asked: Any) -> History:
    """Every page of an organisation's history, as one."""
    pages: list[History] = []
    cursor: str | None = None
    while True:
        pages.append(
            await world.client().history(
                "organizations", org_id, **{"from_at": START, "to_at": START + 7 * DAY, **asked}, cursor=cursor
            )
        )
        if (cursor := pages[-1].next_cursor) is None:
            return History([row for page in pages for row in page.rows], pages[-1].complete_until, None)


def sums(history: History) -> Counter[str]:
    """Quantities, events and unmetered time over all rows, in micro-units."""
    total: Counter[str] = Counter()
    for row in history.rows:
        total.update({name: quantity_from_decimal(text) for name, text in row.quantities.items()})
        if row.group.get("meter", "cpu_seconds") == "cpu_seconds":
            total.update(events=row.events, unmetered=quantity_from_decimal(row.unmetered_seconds))
    return total


@pytest_asyncio.fixture(scope="module")
async def fleet(world: World) -> World:
    """Five days of an organisation in two months: instances, users, nodes, tiers, a gap, and an hour not rolled up."""
    await world.in_tier("s-0", "gpu", START + DAY + 30 * MINUTE)
    await world.in_tier("s-0", "standard", START + 3 * DAY)
    await world.in_tier("s-1", "cpu-large", START - DAY)
    for node in (0, 1):
        readings = [
            reading(
                f"s-{n % 3}",
                START + n * 23 * MINUTE,
                60,
                org_id="o-s",
                user_id=f"u-s{n % 2}",
                sequence=n // 3 if n < 200 else n // 3 + 30,
                metrics={"cpu_seconds": n / 7},
            )
            for n in range(300)
            if n % 2 == node
        ]
        await world.send(*readings, node_id=f"n-{node}")
    await world.settled()
    await world.rolled_up()
    await world.send(reading("s-2", START + 2 * DAY + 7 * MINUTE, 30, org_id="o-s", user_id="u-s0"))
    await world.settled()
    return world


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    interval=st.sampled_from(get_args(Interval)),
    groups=st.sets(st.sampled_from(get_args(GroupBy))),
    limit=st.sampled_from([997, 10_000]),
    timezone=st.sampled_from(["UTC", "Asia/Kolkata", "America/New_York"]),
)
@example(interval="hour", groups=set(get_args(GroupBy)), limit=997, timezone="Asia/Kolkata")
async def test_every_way_to_split_adds_up_to_the_same(
    fleet: World, interval: Interval, groups: set[GroupBy], limit: int, timezone: str
) -> None:
    whole = sums(await all_of(fleet, "o-s", interval="month"))
    assert whole["events"] == 301
    assert whole["unmetered"] > 0
    group_by = tuple(sorted(groups))
    split = await all_of(fleet, "o-s", interval=interval, group_by=group_by, limit=limit, timezone=timezone)
    assert sums(split) == whole
    assert all(set(row.group) == groups for row in split.rows)


async def test_each_group_has_what_is_its_own(fleet: World) -> None:
    async def by(group: GroupBy, **asked: Any) -> dict[str, int]:
        history = await all_of(fleet, "o-s", interval="month", group_by=(group,), **asked)
        counts: Counter[str] = Counter()
        for row in history.rows:
            counts[row.group[group]] += row.events
        return dict(counts)

    assert await by("instance") == {"s-0": 100, "s-1": 100, "s-2": 101}
    assert await by("user") == {"u-s0": 151, "u-s1": 150}
    assert await by("node") == {"n-0": 150, "n-1": 150, "node-1": 1}
    # s-0 was in tier gpu from half past the hour on: that hour began in the tier before.
    gpu = [n for n in range(0, 300, 3) if 25 * 60 <= n * 23 < 3 * 24 * 60]
    assert await by("tier") == {"cpu-large": 100, "gpu": len(gpu), "standard": 201 - len(gpu)}
    meters = await all_of(fleet, "o-s", interval="month", group_by=("meter",), only=Only(meters=("gpu_seconds",)))
    assert {tuple(row.quantities) for row in meters.rows} == {("gpu_seconds",)}


@pytest.mark.parametrize(
    ("only", "events"),
    [
        (Only(instance_ids=("s-0", "s-9")), 100),
        (Only(instance_ids=("s-9",)), 0),
        (Only(user_ids=("u-s1",)), 150),
        (Only(node_ids=("n-0", "node-1")), 151),
        (Only(tiers=("cpu-large",)), 100),
        (Only(instance_ids=("s-1",), user_ids=("u-s1",), node_ids=("n-1",), tiers=("cpu-large",)), 50),
        (Only(meters=("cpu_seconds",)), 301),
    ],
)
async def test_filters_narrow_and_together_narrow_more(fleet: World, only: Only, events: int) -> None:
    assert sums(await all_of(fleet, "o-s", interval="day", only=only))["events"] == events
    assert sums(await all_of(fleet, "o-s", interval="day", group_by=("instance",), only=only))["events"] == events


async def test_what_changes_an_instances_tier_later_leaves_what_was(world: World) -> None:
    await world.send(reading("s-later", MARCH), reading("s-later", MARCH + 3 * HOUR))
    await world.in_tier("s-later", "gpu", MARCH + 2 * HOUR)
    await world.settled()
    history = await world.client().history(
        "instances", "s-later", from_at=MARCH, to_at=MARCH + DAY, group_by=("tier",), interval="day"
    )
    assert [(row.group["tier"], row.events) for row in history.rows] == [("gpu", 1), ("standard", 1)]


@pytest.mark.parametrize(
    ("day", "zone", "begins_at", "hours"),
    [
        ((2026, 3, 29), "Europe/Berlin", datetime(2026, 3, 28, 23, tzinfo=UTC), 23),
        ((2025, 10, 26), "Europe/Berlin", datetime(2025, 10, 25, 22, tzinfo=UTC), 25),
        ((2026, 3, 5), "Asia/Kolkata", datetime(2026, 3, 4, 18, 30, tzinfo=UTC), 24),
    ],
)
async def test_a_customers_day_has_as_many_hours_as_its_clock_gives_it(
    world: World, day: tuple[int, int, int], zone: str, begins_at: datetime, hours: int
) -> None:
    instance_id = f"s-day-{day[0]}-{zone[:4]}"
    await world.send(*[reading(instance_id, begins_at + n * 30 * MINUTE, 60) for n in range(-4, 2 * hours + 4)])
    await world.settled()
    for is_rolled in (False, True):
        if is_rolled:
            await world.rolled_up()
        asked: dict[str, Any] = {"from_at": begins_at, "to_at": begins_at + hours * HOUR, "timezone": zone}
        client = world.client()
        [row] = (await client.history("instances", instance_id, **asked, interval="day")).rows
        assert (row.start, row.end, row.events) == (begins_at, begins_at + hours * HOUR, 2 * hours)
        by_hour = (await client.history("instances", instance_id, **asked, interval="hour")).rows
        assert [(row.start, row.events) for row in by_hour] == [(begins_at + n * HOUR, 2) for n in range(hours)]


@pytest.mark.parametrize(
    ("params", "field", "says"),
    [
        ({"group_bye": "instance"}, "query.group_bye", "there are from, to, interval, group_by, timezone, instance_id"),
        ({"group_by": "instance,planet"}, "query.group_by", "instance, user, meter, tier, node"),
        ({"meter": "cpu_hours"}, "query.meter", "cpu_seconds, gpu_seconds"),
        ({"instance_id": "a b"}, "query.instance_id", "1 to 128 of letters"),
        ({"tier": "Gold!"}, "query.tier", "lower-case letters"),
        ({"user_id": ",".join(f"u-{n}" for n in range(101))}, "query.user_id", "at most 100"),
        ({"format": "xlsx"}, "query.format", "'json', 'csv', 'arrow' or 'parquet'"),
        ({"interval": "week"}, "query.interval", "'hour', 'day' or 'month'"),
        ({"limit": 10_001}, "query.limit", "10000"),
        ({"interval": "day", "from": "2020-01-01T00:00:00Z"}, "query.to", "interval=day, at most 1100 days"),
        ({"after": "WzkyMjMzNzIwMzY4NTQ3NzU4MDgsIiJd"}, "query.after", "start over"),
    ],
)
async def test_what_means_nothing_is_named_with_what_is_allowed(
    world: World, params: dict[str, Any], field: str, says: str
) -> None:
    with pytest.raises(Problem) as refused:
        await world.client().http.get("/api/v1/usage/users/u-1/history", params=params, as_=History)
    [error] = refused.value.extra["errors"]
    assert (refused.value.status, error["field"]) == (422, field)
    assert says in error["reason"]


async def test_the_description_has_examples_of_each_subject_and_format(world: World) -> None:
    document = (await world.http.get("/api/v1/openapi.json")).json()
    operation = document["paths"]["/api/v1/usage/{subject}/{subject_id}/history"]["get"]
    content = operation["responses"]["200"]["content"]
    assert set(content["application/json"]["examples"]) == {"instance", "user", "organization"}
    for example_ in content["application/json"]["examples"].values():
        assert msgspec.convert(example_["value"], History).complete_until
    assert all(content[media_type]["examples"] for media_type in MEDIA_TYPES.values())
