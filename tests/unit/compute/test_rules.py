"""The agent's promises about time and counters, for any clock and any machine."""

from itertools import pairwise

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from fogbank.compute.agent.model import Checkpoint, Counter, Reading, Tick
from fogbank.compute.agent.rules import (
    CLOCK_STEP_MAX_US,
    VANISHED_MAX,
    Measured,
    Unmetered,
    Waiting,
    decide,
    growth_of,
    metrics_of,
    remembered,
)
from fogbank.events.usage_event import PERIOD_MAX_US
from fogbank.kernel.quantities import metric_micros

SECOND = 1_000_000
HOUR = 3600 * SECOND
DAY = 24 * HOUR
NOON = 1_800_000_000 * SECOND

CPU = Counter.CPU_US


def at(wall_us: int, monotonic_us: int, boot: str = "boot-1") -> Tick:
    return Tick(NOON + wall_us, boot, monotonic_us)


def start(counted: int = 0) -> Checkpoint:
    return Checkpoint(at(0, 10 * HOUR), {CPU: {"g": counted}})


def decided(wall_us: int, really_us: int, counted: int = 7) -> Measured | Waiting | Unmetered:
    return decide(start(), {CPU: {"g": counted}}, at(wall_us, 10 * HOUR + really_us))


def test_a_usual_period_begins_where_the_last_one_ended() -> None:
    assert decided(30 * SECOND, 30 * SECOND) == Measured(NOON, {CPU: 7}, ())


def test_a_small_correction_of_the_clock_makes_neither_gap_nor_overlap() -> None:
    for step_us in (-CLOCK_STEP_MAX_US, -1, 1, CLOCK_STEP_MAX_US):
        assert decided(30 * SECOND + step_us, 30 * SECOND) == Measured(NOON, {CPU: 7}, ())


def test_missed_ticks_are_covered_up_to_an_hour() -> None:
    assert decided(HOUR, HOUR) == Measured(NOON, {CPU: 7}, ())
    assert decided(HOUR + 30 * SECOND, HOUR + 30 * SECOND) == Unmetered(NOON)


def test_a_clock_set_ahead_makes_no_time_that_never_was() -> None:
    for jump_us in (HOUR, DAY):
        expected = Measured(NOON + jump_us, {CPU: 7}, ())
        assert decided(30 * SECOND + jump_us, 30 * SECOND) == expected


def test_a_clock_set_back_reports_nothing_until_it_has_passed_what_was_reported() -> None:
    for jump_us in (HOUR, DAY):
        assert decided(30 * SECOND - jump_us, 30 * SECOND) == Waiting()
    assert decided(30 * SECOND, 10 * 60 * SECOND) == Measured(NOON, {CPU: 7}, ())
    assert decided(30 * SECOND, DAY) == Unmetered(NOON)


def test_after_a_reboot_a_period_is_no_longer_than_the_machine_is_up() -> None:
    rebooted = at(50 * 60 * SECOND, 40 * SECOND, boot="boot-2")
    decision = decide(start(500), {CPU: {"boot-2": 9}}, rebooted)
    assert decision == Measured(rebooted.end_us - 40 * SECOND, {CPU: 9}, ())


def test_a_new_generation_counts_from_nothing() -> None:
    assert growth_of({CPU: {"old": 900}}, {CPU: {"new": 5}}) == ({CPU: 5}, ())


def test_a_counter_that_goes_back_is_named_and_adds_nothing() -> None:
    growth, resets = growth_of({CPU: {"a": 900, "b": 1}}, {CPU: {"a": 5, "b": 4}})
    assert growth == {CPU: 3}
    assert resets == ("cpu_us a",)


def test_an_interface_that_was_out_of_sight_does_not_count_twice() -> None:
    first = {Counter.EGRESS_BYTES: {"eth0": 1000}}
    gone = remembered(first, {Counter.EGRESS_BYTES: {}})
    assert growth_of(gone, {Counter.EGRESS_BYTES: {"eth0": 1010}}) == ({Counter.EGRESS_BYTES: 10}, ())


def test_what_is_remembered_is_bounded() -> None:
    counts = {CPU: {str(index): index for index in range(100)}}
    kept = remembered(counts, {CPU: {"now": 1}})
    assert list(kept[CPU]) == [*(str(index) for index in range(100 - VANISHED_MAX, 100)), "now"]


counts = st.dictionaries(
    st.sampled_from(Counter), st.dictionaries(st.sampled_from("abcd"), st.integers(0, 2**62), max_size=4)
)


@given(counts, counts)
def test_growth_is_never_negative(before: dict[Counter, dict[str, int]], now: dict[Counter, dict[str, int]]) -> None:
    growth, _ = growth_of(before, now)
    assert all(amount >= 0 for amount in growth.values())


steps = st.lists(
    st.tuples(
        st.sampled_from([0, 1, SECOND, 29 * SECOND, 30 * SECOND, 31 * SECOND, 90 * SECOND, HOUR, DAY]),
        st.sampled_from([0, 0, 0, SECOND, -SECOND, 90 * SECOND, -90 * SECOND, HOUR, -HOUR, DAY, -DAY]),
        st.integers(0, 10**9),
        st.sampled_from(["", "", "", "", "reboot", "restart"]),
    ),
    max_size=40,
)


@given(steps)
def test_no_clock_makes_periods_overlap_or_usage_be_lost_or_doubled(history: list[tuple[int, int, int, str]]) -> None:
    """Time passes, the clock is set, counters grow, the machine reboots and the instance restarts, in any order."""
    wall_us, monotonic_us, boot, life, counter, used_us = NOON, HOUR, 0, 0, 0, 0
    checkpoint = Checkpoint(Tick(wall_us, "0", monotonic_us), {CPU: {"0/0": 0}})
    periods: list[tuple[int, int]] = []
    reported_us = unmetered_us = lost_with_a_life_us = waiting_us = 0
    for passed_us, set_us, grown_us, event in history:
        wall_us, monotonic_us = wall_us + passed_us + set_us, monotonic_us + passed_us
        if event:
            # What a life used since the last reading of it ends with it.
            lost_with_a_life_us += waiting_us
            waiting_us, counter, life = 0, 0, life + 1
        if event == "reboot":
            boot, monotonic_us = boot + 1, passed_us
        counter, used_us, waiting_us = counter + grown_us, used_us + grown_us, waiting_us + grown_us
        counts = {CPU: {f"{boot}/{life}": counter}}
        tick = Tick(wall_us, str(boot), monotonic_us)
        decision = decide(checkpoint, counts, tick)
        if isinstance(decision, Waiting):
            continue
        if isinstance(decision, Measured):
            periods.append((decision.start_us, tick.end_us))
            reported_us += decision.growth[CPU]
            assert decision.resets == ()
        else:
            unmetered_us += waiting_us
        waiting_us = 0
        checkpoint = Checkpoint(tick, remembered(checkpoint.counts, counts))
    assert all(0 < end_us - start_us <= PERIOD_MAX_US for start_us, end_us in periods)
    assert all(before[1] <= after[0] for before, after in pairwise(periods))
    assert reported_us + unmetered_us + lost_with_a_life_us + waiting_us == used_us


@given(st.integers(0, 10**15), st.integers(0, 10**15), st.integers(1, PERIOD_MAX_US))
def test_what_is_billed_crosses_the_wire_without_losing_a_unit(cpu_us: int, egress_bytes: int, length_us: int) -> None:
    reading = Reading({}, cores=2, memory_bytes=4_200_000_000, memory_capacity_bytes=8_000_000_000, storage_bytes=0)
    metrics = metrics_of({CPU: cpu_us, Counter.EGRESS_BYTES: egress_bytes}, reading, length_us)
    assert metric_micros(metrics.cpu_seconds) == cpu_us
    assert metric_micros(metrics.network_egress_mb) == egress_bytes


def test_the_metrics_are_those_of_the_published_example() -> None:
    reading = Reading(
        {}, cores=8, memory_bytes=4_200_000_000, memory_capacity_bytes=8_000_000_000, storage_bytes=25_700_000_000
    )
    growth = {CPU: 30 * SECOND, Counter.EGRESS_BYTES: 15_200_000, Counter.INGRESS_BYTES: 8_700_000}
    metrics = metrics_of(growth, reading, 30 * SECOND)
    assert (metrics.cpu_seconds, metrics.cpu_percent_avg) == (30, 12.5)
    assert (metrics.memory_gb, metrics.memory_percent, metrics.storage_gb) == (4.2, 52.5, 25.7)
    assert (metrics.network_egress_mb, metrics.network_ingress_mb, metrics.gpu_seconds) == (15.2, 8.7, 0)


def test_the_percentage_of_memory_is_what_is_busy_and_not_what_is_billed() -> None:
    full = Reading(counts={}, cores=1, memory_bytes=4_000, memory_capacity_bytes=4_000, storage_bytes=0)
    calm = msgspec.structs.replace(full, memory_busy_bytes=1_000)
    assert metrics_of({}, full, SECOND).memory_percent == 100
    assert metrics_of({}, calm, SECOND).memory_percent == 25
    assert metrics_of({}, calm, SECOND).memory_gb == metrics_of({}, full, SECOND).memory_gb
