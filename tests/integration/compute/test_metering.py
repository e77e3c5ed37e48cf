"""Rounds of readings over a real spool: what is reported, what is left out, and what a crash or a full disk changes."""

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import pytest

from fogbank.compute.agent.collectors import CollectorFailed
from fogbank.compute.agent.metering import FORGET_US, Metering
from fogbank.compute.agent.model import Counter, Instance, Owner, Reading, Tick
from fogbank.compute.agent.spool import Spool, SpoolFull
from fogbank.events.batch import MESSAGE_ID, unpack
from fogbank.events.usage_event import UsageEvent, instant_us, require_valid

SECOND = 1_000_000
HOUR = 3600 * SECOND
NOON = 1_800_000_000 * SECOND
NODE = "node-1"


class Rack:
    """Instances whose counters a test turns by hand. An instance without a counter cannot be read."""

    def __init__(self) -> None:
        self.counters: dict[str, int | None] = {}
        self.life = "boot-1/1"
        self.is_dark = False

    def discover(self) -> Sequence[Instance]:
        if self.is_dark:
            raise CollectorFailed("the rack is dark")
        return [Instance(identifier, "user_1", "org_1") for identifier in self.counters]

    def sample(self, instance: Instance) -> Reading:
        cpu_us = self.counters[instance.id]
        if cpu_us is None:
            raise CollectorFailed(f"'{instance.id}' cannot be read")
        return Reading({Counter.CPU_US: {self.life: cpu_us}}, 1, 4 * 10**9, 8 * 10**9, 10**9)

    def close(self) -> None:
        pass


@pytest.fixture
def rack() -> Rack:
    return Rack()


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    with Spool.open(tmp_path / "spool.db", NODE, NOON) as spool:
        yield spool


def tick(seconds: float, set_by: float = 0, boot: str = "boot-1") -> Tick:
    return Tick(NOON + round((seconds + set_by) * SECOND), boot, HOUR + round(seconds * SECOND))


def sent(spool: Spool) -> list[UsageEvent]:
    """Everything in the spool, taken out of it, valid by the rules of the wire."""
    events: list[UsageEvent] = []
    while (batch := spool.to_send()) is not None:
        events += [require_valid(raw, NOON + 10**6 * HOUR) for raw in unpack(batch.batch.payload, batch.batch.headers)]
        spool.delete(batch)
    return events


def cpu_us_of(events: Sequence[UsageEvent]) -> list[int]:
    return [round(event.metrics.cpu_seconds * SECOND) for event in events]


def test_what_was_used_before_the_agent_came_is_on_nobodys_bill(rack: Rack, spool: Spool) -> None:
    rack.counters["a"] = 10**12
    metering = Metering(NODE, [rack], spool)
    metering.begin(tick(7.5))
    rack.counters["a"] = 10**12 + 5
    metering.tick(tick(30))
    (event,) = sent(spool)
    assert cpu_us_of([event]) == [5]
    assert (event.period.start, event.period.end) == ("2027-01-15T08:00:07.500000Z", "2027-01-15T08:00:30Z")
    assert (event.user_id, event.org_id, event.node_id, event.sequence) == ("user_1", "org_1", NODE, 1)


def test_an_instance_born_between_ticks_is_reported_from_the_last_one_on(rack: Rack, spool: Spool) -> None:
    metering = Metering(NODE, [rack], spool)
    metering.begin(tick(0))
    metering.tick(tick(30))
    rack.counters["a"] = 700
    metering.tick(tick(60))
    (event,) = sent(spool)
    assert cpu_us_of([event]) == [700]
    assert event.period.start == "2027-01-15T08:00:30Z"


def test_an_instance_that_could_not_be_read_at_first_is_not_taken_for_a_new_one(rack: Rack, spool: Spool) -> None:
    rack.counters["a"] = None
    metering = Metering(NODE, [rack], spool)
    metering.begin(tick(0))
    rack.counters["a"] = 10**12
    metering.tick(tick(30))
    assert sent(spool) == []
    rack.counters["a"] = 10**12 + 1
    metering.tick(tick(60))
    assert cpu_us_of(sent(spool)) == [1]


def test_a_rack_that_cannot_be_listed_for_a_while_makes_no_instance_new(rack: Rack, spool: Spool) -> None:
    rack.is_dark = True
    metering = Metering(NODE, [rack], spool)
    metering.begin(tick(0))
    rack.is_dark, rack.counters["a"] = False, 10**12
    metering.tick(tick(30))
    rack.is_dark = True
    assert metering.tick(tick(60)).failures == ["the rack is dark"]
    rack.is_dark, rack.counters["a"] = False, 10**12 + 9
    metering.tick(tick(90))
    assert cpu_us_of(sent(spool)) == [9]


def test_a_missing_reading_is_no_event_and_the_next_one_loses_nothing(rack: Rack, spool: Spool) -> None:
    rack.counters["a"] = 0
    metering = Metering(NODE, [rack], spool)
    metering.begin(tick(0))
    rack.counters["a"] = None
    assert metering.tick(tick(30)).events == []
    rack.counters["a"] = 40
    metering.tick(tick(60))
    (event,) = sent(spool)
    assert (event.period.start, event.period.end) == ("2027-01-15T08:00:00Z", "2027-01-15T08:01:00Z")
    assert (cpu_us_of([event]), event.sequence) == ([40], 1)


def test_more_than_an_hour_without_a_tick_is_left_unmetered(rack: Rack, spool: Spool) -> None:
    rack.counters["a"] = 0
    Metering(NODE, [rack], spool).begin(tick(0))
    rack.counters["a"] = 40
    later = Metering(NODE, [rack], spool)
    assert later.begin(tick(3700)).unmetered == ["a"]
    rack.counters["a"] = 41
    later.tick(tick(3720))
    (event,) = sent(spool)
    assert (cpu_us_of([event]), event.sequence) == ([1], 1)
    assert event.period.start == "2027-01-15T09:01:40Z"


def test_a_restart_within_the_hour_goes_on_where_it_stood(rack: Rack, spool: Spool) -> None:
    rack.counters["a"] = 0
    first = Metering(NODE, [rack], spool)
    first.begin(tick(0))
    rack.counters["a"] = 10
    first.tick(tick(30))
    rack.counters["a"] = 25
    second = Metering(NODE, [rack], spool)
    second.begin(tick(40))
    second.tick(tick(60))
    events = sent(spool)
    assert cpu_us_of(events) == [10, 15]
    assert [event.sequence for event in events] == [1, 2]
    assert events[0].period.end == events[1].period.start


def test_a_reset_counter_is_said_and_never_negative(rack: Rack, spool: Spool) -> None:
    rack.counters["a"] = 1000
    metering = Metering(NODE, [rack], spool)
    metering.begin(tick(0))
    rack.counters["a"] = 3
    assert metering.tick(tick(30)).resets == ["a cpu_us boot-1/1"]
    rack.counters["a"] = 5
    metering.tick(tick(60))
    assert cpu_us_of(sent(spool)) == [0, 2]


def test_a_clock_set_back_an_hour_and_a_day_reports_no_instant_twice(rack: Rack, spool: Spool) -> None:
    for back in (3600, 86_400):
        identifier = f"back-{back}"
        rack.counters = {identifier: 0}
        metering = Metering(NODE, [rack], spool)
        metering.begin(tick(0))
        metering.tick(tick(30))
        for step in range(2, 2 + (back + 120) // 30):
            rack.counters[identifier] = step
            metering.tick(tick(30 * step, set_by=-back))
        events = sent(spool)
        ends = [event.period.end for event in events]
        starts = [event.period.start for event in events]
        assert all(str(end) <= str(start) for end, start in zip(ends, starts[1:], strict=False))
        assert [event.sequence for event in events] == list(range(1, len(events) + 1))


def test_an_instance_of_two_collectors_is_measured_once(rack: Rack, spool: Spool) -> None:
    rack.counters["a"] = 0
    metering = Metering(NODE, [rack, rack], spool)
    metering.begin(tick(0))
    metering.tick(tick(30))
    assert len(sent(spool)) == 1


def test_an_instance_unseen_for_weeks_is_forgotten(rack: Rack, spool: Spool) -> None:
    rack.counters = {"a": 0, "b": 0}
    metering = Metering(NODE, [rack], spool)
    metering.begin(tick(0))
    del rack.counters["a"]
    metering.tick(tick(FORGET_US / SECOND + 30))
    assert spool.checkpoints().keys() == {"b"}


def test_a_tick_of_many_instances_is_one_message(rack: Rack, spool: Spool) -> None:
    rack.counters = {f"vm-{index}": 0 for index in range(1000)}
    metering = Metering(NODE, [rack], spool)
    metering.begin(tick(0))
    metering.tick(tick(30))
    assert spool.waiting() == 1
    batch = spool.to_send()
    assert batch is not None
    assert batch.batch.headers[MESSAGE_ID] == f"{NODE}:{NOON}-{NOON + 999}"


def owned_by(owner: Owner | None) -> Callable[[Instance], Owner | None]:
    return lambda _: owner


def test_a_period_belongs_to_whom_the_instance_belonged_when_it_began(rack: Rack, spool: Spool) -> None:
    rack.counters["a"] = 0
    owners = {"a": Owner("user_1")}
    metering = Metering(NODE, [rack], spool, lambda instance: owners.get(instance.id))
    metering.begin(tick(0))
    owners["a"] = Owner("user_2", "org_2")
    metering.tick(tick(30))
    del owners["a"]
    metering.tick(tick(60))
    metering.tick(tick(90))
    assert [(event.user_id, event.org_id) for event in sent(spool)] == [("user_1", None), ("user_2", "org_2")]
    assert spool.checkpoints() == {}


def test_what_nobody_owns_is_not_metered_and_said_once(rack: Rack, spool: Spool) -> None:
    rack.counters["a"] = 0
    metering = Metering(NODE, [rack], spool, owned_by(None))
    assert metering.begin(tick(0)).ownerless == ["a"]
    assert metering.tick(tick(30)).ownerless == []
    rack.counters = {"b": 0}
    assert metering.tick(tick(60)).ownerless == ["b"]
    rack.counters = {"a": 0}
    assert metering.tick(tick(90)).ownerless == ["a"]
    assert sent(spool) == []


def test_what_finds_an_owner_is_metered_from_then_on(rack: Rack, spool: Spool) -> None:
    rack.counters["a"] = 10**9
    owners: dict[str, Owner] = {}
    metering = Metering(NODE, [rack], spool, lambda instance: owners.get(instance.id))
    metering.begin(tick(0))
    metering.tick(tick(30))
    owners["a"] = Owner("user_1")
    metering.tick(tick(60))
    rack.counters["a"] = 10**9 + 7
    metering.tick(tick(90))
    (event,) = sent(spool)
    assert (cpu_us_of([event]), event.period.start) == ([7], "2027-01-15T08:01:00Z")


def test_an_instance_that_was_gone_is_not_billed_for_that_time(rack: Rack, spool: Spool) -> None:
    rack.counters["a"] = 100
    metering = Metering(NODE, [rack], spool)
    metering.begin(tick(0))
    rack.counters = {}
    for number in range(1, 20):
        metering.tick(tick(30 * number))
    rack.counters, rack.life = {"a": 8}, "boot-1/2"
    metering.tick(tick(600))
    (event,) = sent(spool)
    assert (cpu_us_of([event]), event.period.start) == ([8], "2027-01-15T08:09:30Z")


def test_an_instance_that_was_started_anew_while_the_agent_was_away_is_metered_from_its_start_on(
    rack: Rack, spool: Spool
) -> None:
    rack.counters["a"] = 100
    Metering(NODE, [rack], spool).begin(tick(0))
    rack.counters, rack.life = {"a": 8}, "boot-1/2"
    again = Metering(NODE, [rack], spool)
    again.begin(tick(600))
    again.tick(tick(630))
    (event,) = sent(spool)
    assert (cpu_us_of([event]), event.period.start) == ([8], "2027-01-15T08:10:00Z")


def test_a_newborn_that_could_not_be_read_at_first_is_reported_from_its_birth_on(rack: Rack, spool: Spool) -> None:
    metering = Metering(NODE, [rack], spool)
    metering.begin(tick(0))
    rack.counters["a"] = None
    metering.tick(tick(30))
    rack.counters["a"] = 55
    metering.tick(tick(60))
    (event,) = sent(spool)
    assert (cpu_us_of([event]), event.period.start) == ([55], "2027-01-15T08:00:00Z")


def test_a_tick_that_was_refused_is_covered_by_the_next(rack: Rack, spool: Spool) -> None:
    rack.counters["a"] = 0
    metering = Metering(NODE, [rack], spool)
    metering.begin(tick(0))
    rack.counters["a"], spool.bytes_max = 5, 0
    with pytest.raises(SpoolFull):
        metering.tick(tick(30))
    rack.counters["a"], spool.bytes_max = 9, 10**6
    metering.tick(tick(60))
    (event,) = sent(spool)
    assert (cpu_us_of([event]), event.period.start) == ([9], "2027-01-15T08:00:00Z")


@pytest.mark.parametrize("jump_seconds", [3600, 86_400])
def test_a_clock_set_ahead_makes_no_time_that_never_was(rack: Rack, spool: Spool, jump_seconds: int) -> None:
    rack.counters["a"] = 0
    metering = Metering(NODE, [rack], spool)
    metering.begin(tick(0))
    metering.tick(tick(30))
    for number in range(2, 5):
        metering.tick(tick(30 * number, set_by=jump_seconds))
    events = sent(spool)
    spans = [(instant_us(event.period.start), instant_us(event.period.end)) for event in events]
    assert [(end or 0) - (start or 0) for start, end in spans] == [30 * SECOND] * 4
    assert all((end or 0) <= (start or 0) for (_, end), (start, _) in pairwise(spans))


def test_a_clock_that_was_set_back_is_told_from_a_tick_that_came_soon(rack: Rack, spool: Spool) -> None:
    rack.counters["a"] = 0
    metering = Metering(NODE, [rack], spool)
    metering.begin(tick(29.95))
    assert metering.tick(tick(30)).set_back == 0
    assert metering.tick(tick(60, set_by=-60)).set_back == 1


def test_an_hour_of_a_machine_asleep_is_in_no_period(rack: Rack, spool: Spool) -> None:
    """Its monotonic clock stood still meanwhile."""
    rack.counters["a"] = 0
    metering = Metering(NODE, [rack], spool)
    metering.begin(tick(0))
    rack.counters["a"] = 3
    metering.tick(tick(30, set_by=3600))
    (event,) = sent(spool)
    assert (event.period.start, event.period.end) == ("2027-01-15T09:00:00Z", "2027-01-15T09:00:30Z")
