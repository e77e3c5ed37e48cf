"""The current picture: latest reading by period, honest about its age, the same in whatever order readings come."""

from datetime import timedelta
from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from fogbank.compute.current.picture import FORGET_US, Arrivals, Latest, Picture
from fogbank.compute.current.views import instance_view, rates_view
from fogbank.events.usage_event import Metrics
from fogbank.kernel.meters import Meter
from fogbank.kernel.periods import instant_of

SECOND = 1_000_000
NOON = 1_800_000_000 * SECOND
EXAMPLE = Metrics(
    cpu_seconds=30,
    cpu_percent_avg=12.5,
    memory_gb=4.2,
    memory_percent=52.5,
    storage_gb=25.7,
    network_egress_mb=15.2,
    network_ingress_mb=8.7,
    gpu_seconds=0,
)


def reading(
    instance: str = "a", user: str = "user_1", org: str | None = None, end: int = 30, length: int = 30
) -> Latest:
    return Latest(instance, user, org, EXAMPLE, NOON + (end - length) * SECOND, NOON + end * SECOND)


def test_the_latest_period_holds_in_whatever_order_readings_come() -> None:
    for order in permutations([reading(end=30), reading(end=60), reading(end=90)]):
        picture = Picture()
        for each in order:
            picture.see(each)
        assert picture.instance("a") == reading(end=90)


def test_an_instance_that_changes_hands_leaves_its_old_owner() -> None:
    picture = Picture()
    picture.see(reading(user="user_1", org="org_1", end=30))
    picture.see(reading(user="user_2", org=None, end=60))
    assert picture.of_user("user_1") == picture.of_organization("org_1") == []
    assert [each.instance_id for each in picture.of_user("user_2")] == ["a"]


def test_an_instance_is_forgotten_after_a_silent_day() -> None:
    picture = Picture()
    picture.see(reading("old", end=30))
    picture.see(reading("new", org="org_1", end=60))
    picture.forget_old(NOON + 31 * SECOND + FORGET_US)
    assert picture.instance("old") is None
    assert picture.of_user("user_1") == picture.of_organization("org_1") == [reading("new", org="org_1", end=60)]
    assert len(picture) == 1


owners = st.tuples(st.sampled_from(["u1", "u2"]), st.sampled_from([None, "o1", "o2"]))


@given(st.lists(st.tuples(st.sampled_from("abc"), owners, st.integers(1, 9)), max_size=20))
def test_every_instance_has_exactly_one_owner(seen: list[tuple[str, tuple[str, str | None], int]]) -> None:
    picture = Picture()
    for instance, (user, org), end in seen:
        picture.see(reading(instance, user, org, end=end * 30))
    of_users = [each.instance_id for user in ("u1", "u2") for each in picture.of_user(user)]
    assert sorted(of_users) == sorted({instance for instance, _, _ in seen})
    assert len(picture) == len(of_users)


def test_rates_are_those_of_the_published_example() -> None:
    assert rates_view(reading().rates_micros()) == {
        Meter.CPU_SECONDS: "1",
        Meter.GPU_SECONDS: "0",
        Meter.MEMORY_GB_SECONDS: "4.2",
        Meter.STORAGE_GB_SECONDS: "25.7",
        Meter.NETWORK_EGRESS_MB: "0.506667",
        Meter.NETWORK_INGRESS_MB: "0.29",
        Meter.INSTANCE_SECONDS: "1",
    }


def test_a_reading_is_stale_when_three_are_overdue() -> None:
    end_us = reading().end_us
    assert not reading().is_stale(end_us + 90 * SECOND, 30 * SECOND)
    assert reading().is_stale(end_us + 90 * SECOND + 1, 30 * SECOND)


def test_a_node_that_reports_slowly_has_more_time() -> None:
    slow = reading(end=300, length=300)
    assert not slow.is_stale(slow.end_us + 900 * SECOND, 30 * SECOND)


def test_a_clock_behind_the_nodes_shows_age_zero() -> None:
    now = instant_of(reading().end_us) - timedelta(seconds=2)
    assert instance_view(reading(), now, is_stale=False).age_seconds == 0


def test_arrivals_are_averaged_over_a_minute_and_told_by_payer() -> None:
    arrivals = Arrivals()
    arrivals.add(["org_1"] * 30 + ["org_2"] * 60, 100)
    arrivals.add(["org_1"] * 30, 130)
    assert arrivals.per_second(131, frozenset({"org_1"})) == 1.0
    assert arrivals.per_second(131, None) == 2.0
    assert arrivals.per_second(160, None) == 0.5
    assert arrivals.per_second(190, None) == 0
