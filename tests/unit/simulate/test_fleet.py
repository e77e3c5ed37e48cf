"""Fleets: plausible, valid to the last event, and the same bytes every time they are played."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fogbank.events.batch import MESSAGE_ID, NODE, Batch, unpack
from fogbank.events.usage_event import UsageEvent, instant_us, require_valid
from fogbank.simulate.encode import EVENTS_PER_BATCH_MAX
from fogbank.simulate.fleet import Fleet, Population
from fogbank.simulate.model import Kind, SimulatedInstance

MONDAY_NOON_US = 1_795_435_200_000_000
HOUR_US = 3_600_000_000
shapes = st.tuples(st.integers(1, 60), st.integers(1, 7), st.integers(1, 5), st.integers(0, 9))


def events_of(batches: Sequence[Batch]) -> list[UsageEvent]:
    return [require_valid(raw, 2**62) for batch in batches for raw in unpack(batch.payload, batch.headers)]


def one_machine(**changes: object) -> SimulatedInstance:
    facts: dict[str, object] = {
        "instance_id": "instance_1",
        "user_id": "user_1",
        "org_id": "org_1",
        "node_id": "node_1",
        "kind": Kind.WEB,
        "vcpus": 4,
        "memory_gb": 8,
        "storage_gb": 100,
    }
    return SimulatedInstance(**{**facts, **changes})  # type: ignore[arg-type]


@settings(deadline=None)
@given(shapes, st.sampled_from([30, 60, 300, 3600]))
def test_every_instance_sends_one_valid_event_a_period(shape: tuple[int, int, int, int], period_seconds: int) -> None:
    events = events_of(list(Fleet(*shape).tick(MONDAY_NOON_US, period_seconds)))
    assert len({event.instance_id for event in events}) == len(events) == shape[0]
    assert {instant_us(event.period.start) for event in events} == {MONDAY_NOON_US}
    assert {instant_us(event.period.end) for event in events} == {MONDAY_NOON_US + period_seconds * 10**6}


@settings(deadline=None)
@given(shapes)
def test_the_same_fleet_plays_the_same_bytes(shape: tuple[int, int, int, int]) -> None:
    fleet, again = Fleet(*shape), Fleet(*shape)
    list(again.tick(MONDAY_NOON_US - 30_000_000, 30))
    assert list(fleet.tick(MONDAY_NOON_US, 30)) == list(again.tick(MONDAY_NOON_US, 30))


def test_sequences_are_contiguous_over_periods() -> None:
    fleet = Fleet(5, 2, 2, seed=1)
    sequences = [{event.sequence for event in events_of(list(fleet.tick(tick * 30_000_000, 30)))} for tick in range(9)]
    assert sequences == [{tick} for tick in range(9)]


def test_a_crowded_node_sends_several_batches_and_no_two_share_a_name() -> None:
    fleet = Fleet(2_500, 1, 3, seed=1)
    batches = [*fleet.tick(MONDAY_NOON_US, 30), *fleet.tick(MONDAY_NOON_US + 30_000_000, 30)]
    assert len({batch.headers[MESSAGE_ID] for batch in batches}) == len(batches) == 6
    assert max(len(unpack(batch.payload, batch.headers)) for batch in batches) == EVENTS_PER_BATCH_MAX


def test_a_batch_holds_events_of_its_own_node_only() -> None:
    for batch in Fleet(50, 7, 2, seed=3).tick(MONDAY_NOON_US, 30):
        assert {event.node_id for event in events_of([batch])} == {batch.headers[NODE]}


def test_fleets_of_another_shape_or_seed_share_no_instance() -> None:
    fleets = [Fleet(9, 2, 2, seed=1), Fleet(9, 2, 2, seed=2), Fleet(9, 3, 2, seed=1)]
    ids = [one.instance_id for fleet in fleets for one in fleet.instances]
    assert len(set(ids)) == 27


def test_an_instance_reports_from_its_start_until_its_end() -> None:
    late = one_machine(instance_id="instance_2", starts_us=MONDAY_NOON_US, ends_us=MONDAY_NOON_US + HOUR_US)
    population = Population([one_machine(), late], seed=1)
    seen = [len(events_of(list(population.tick(MONDAY_NOON_US + hours * HOUR_US, 3600)))) for hours in (-1, 0, 1)]
    assert seen == [1, 2, 1]


def test_a_fleet_nobody_is_in_yet_sends_nothing() -> None:
    assert list(Population([one_machine(starts_us=MONDAY_NOON_US)], seed=1).tick(0, 30)) == []


def test_cpu_seconds_are_the_percentage_over_the_period_exactly() -> None:
    for event in events_of(list(Fleet(300, 3, 4, seed=5).tick(MONDAY_NOON_US, 300))):
        assert event.metrics.cpu_seconds == pytest.approx(event.metrics.cpu_percent_avg * 3, abs=1e-9)


def test_only_gpu_instances_use_gpus_and_they_do() -> None:
    fleet = Fleet(500, 3, 4, seed=5)
    kinds = {one.instance_id: one.kind for one in fleet.instances}
    for event in events_of(list(fleet.tick(MONDAY_NOON_US, 300))):
        assert (event.metrics.gpu_seconds > 0) == (kinds[event.instance_id] is Kind.GPU)


def test_a_web_server_is_busier_on_monday_noon_than_at_night_or_on_sunday() -> None:
    population = Population([one_machine()], seed=1)
    noon, night, sunday = (
        events_of(list(population.tick(MONDAY_NOON_US + hours * HOUR_US, 30)))[0].metrics.cpu_percent_avg
        for hours in (2, 14, -22)
    )
    assert noon > sunday > night


@pytest.mark.parametrize("change", [{"vcpus": 0}, {"vcpus": 33}, {"gpus": 9}, {"memory_gb": 3}, {"storage_gb": 2_001}])
def test_a_size_that_cannot_be_encoded_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"at most|has 1 to"):
        one_machine(**change)


def test_an_empty_fleet_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        Fleet(0, 1, 1, seed=1)
