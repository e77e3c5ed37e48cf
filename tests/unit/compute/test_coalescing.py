"""Readings that wait may become longer; what they add up to stays."""

from collections import defaultdict
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from tests.readings import reading, wire_time

from fogbank.compute.agent.spool.coalescing import SpooledTick, coalesced, neighbours_to_coalesce
from fogbank.events.usage_event import METRIC_MAX, PERIOD_MAX_US, UsageEvent, instant_us
from fogbank.kernel.quantities import gauge_seconds_micros, metric_micros

HOUR = 3600
TICK_US = 30_000_000


def length_us(event: UsageEvent) -> int:
    start_us, end_us = instant_us(event.period.start), instant_us(event.period.end)
    assert start_us is not None
    assert end_us is not None
    return end_us - start_us


def test_two_neighbours_become_one_that_covers_both() -> None:
    both = coalesced(
        [reading("a", 0, 30, cpu_us=7, memory_gb=1), reading("a", 30, 120, cpu_us=5, memory_gb=2)],
    )
    (event,) = both
    assert (event.period.start, event.period.end, event.timestamp) == (wire_time(0), wire_time(120), wire_time(120))
    assert metric_micros(event.metrics.cpu_seconds) == 12
    assert event.metrics.memory_gb == 1.75


def test_what_is_not_adjacent_of_another_owner_or_too_long_stays_as_it_is() -> None:
    for first, second in (
        (reading("a", 0, 30), reading("b", 30, 60)),
        (reading("a", 0, 30), reading("a", 31, 60)),
        (reading("a", 0, 30), reading("a", 30, 60, user_id="user_2")),
        (reading("a", 0, 30), reading("a", 30, HOUR + 1)),
        (reading("a", 0, 30, cpu_us=int(METRIC_MAX * 1e6)), reading("a", 30, 60, cpu_us=1)),
    ):
        assert coalesced([first, second]) == [first, second]


def test_an_hour_is_one_reading_and_no_more() -> None:
    hour = [reading("a", 30 * number, 30 * number + 30) for number in range(121)]
    assert [length_us(event) for event in coalesced(hour)] == [PERIOD_MAX_US, TICK_US]


histories = st.lists(
    st.tuples(
        st.sampled_from("abc"),
        st.integers(0, 2),
        st.sampled_from([1, 30, 600, 1800, HOUR]),
        st.integers(0, 10**12),
        st.integers(0, 10**9),
        st.sampled_from(["user_1", "user_1", "user_1", "user_2"]),
    ),
    max_size=40,
)


@given(histories, st.integers(1, 4))
def test_no_coalescing_however_often_loses_a_unit_or_overlaps(
    history: list[tuple[str, int, int, int, int, str]], times: int
) -> None:
    ends: defaultdict[str, int] = defaultdict(int)
    events: list[UsageEvent] = []
    for instance, gap, seconds, cpu_us, memory_micros, user in history:
        start = ends[instance] + gap
        ends[instance] = start + seconds
        events.append(
            reading(instance, start, start + seconds, cpu_us=cpu_us, memory_gb=memory_micros / 1e6, user_id=user)
        )
    after = events
    for _ in range(times):
        after = coalesced(after)
    assert held(after).keys() == held(events).keys()
    for whose, (cpu_us, covered_us, memory, count) in held(events).items():
        cpu_after, covered_after, memory_after, count_after = held(after)[whose]
        assert (cpu_after, covered_after) == (cpu_us, covered_us)
        # Half a micro-GB each time two became one, held no longer than all of it; half a unit for each that is read.
        assert abs(memory_after - memory) <= (count - count_after) * covered_us / 2e6 + count + count_after
    for instance in ends:
        mine = [event for event in after if event.instance_id == instance]
        assert all(str(one.period.end) <= str(other.period.start) for one, other in pairwise(mine))
        assert all(length_us(event) <= PERIOD_MAX_US for event in mine)


def held(events: list[UsageEvent]) -> dict[tuple[str, str], tuple[int, int, int, int]]:
    """Per instance and owner: CPU, time, memory times time, and of how many readings."""
    sums: defaultdict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for event in events:
        mine = sums[event.instance_id, event.user_id]
        mine[0] += metric_micros(event.metrics.cpu_seconds)
        mine[1] += length_us(event)
        mine[2] += gauge_seconds_micros(metric_micros(event.metrics.memory_gb), length_us(event))
        mine[3] += 1
    return {whose: (cpu, covered, memory, count) for whose, (cpu, covered, memory, count) in sums.items()}


def ticks(*of: int) -> list[SpooledTick]:
    """Ticks in a row, each of so many."""
    row, at = [], 0
    for count in of:
        row.append(SpooledTick(at, count, at * TICK_US, (at + count - 1) * TICK_US))
        at += count
    return row


def test_the_oldest_of_the_finest_are_coalesced_first() -> None:
    for of, pair in (((2, 2, 1, 1, 1), (2, 3)), ((2, 2, 2), (0, 1)), ((4, 1, 1), (1, 2)), ((4, 2, 8), (0, 1))):
        row = ticks(*of)
        assert neighbours_to_coalesce(row) == (row[pair[0]], row[pair[1]])


def test_nothing_is_left_to_coalesce_when_no_two_fit_into_an_hour() -> None:
    assert neighbours_to_coalesce([]) is None
    assert neighbours_to_coalesce(ticks(1)) is None
    assert neighbours_to_coalesce(ticks(120, 1)) is None
    assert neighbours_to_coalesce(ticks(64, 64, 64)) is None
    assert neighbours_to_coalesce(ticks(60, 60)) is not None


@given(st.lists(st.integers(1, 4), max_size=60))
def test_coalescing_ends_and_its_ticks_stay_in_order(of: list[int]) -> None:
    row = ticks(*of)
    while (pair := neighbours_to_coalesce(row)) is not None:
        at = row.index(pair[0])
        one, other = row[at : at + 2]
        row[at : at + 2] = [
            SpooledTick(one.key, one.ticks + other.ticks, one.first_end_us, other.last_end_us),
        ]
    assert sum(tick.ticks for tick in row) == sum(of)
    assert all(tick.last_end_us - tick.first_end_us < PERIOD_MAX_US for tick in row)
