"""Traces: recorded machines play as they were recorded, and a broken file is named by its line."""

from collections.abc import Sequence

import pytest

from fogbank.events.batch import unpack
from fogbank.events.usage_event import UsageEvent, require_valid
from fogbank.simulate.trace import Trace, TraceUnreadable, read_trace

MIDNIGHT_US = 1_795_392_000_000_000
STEP_US = 300_000_000
LINES = ["vm,0,5,10", "alpha,57,24,0", "beta_2,100,0,1"]


def trace_of(lines: Sequence[str] = LINES) -> Trace:
    return read_trace(lines, nodes=2, organizations=3)


def cpu_percentages(trace: Trace, period_start_us: int, period_seconds: int) -> dict[str, float]:
    return {
        event.instance_id: event.metrics.cpu_percent_avg for event in events(trace, period_start_us, period_seconds)
    }


def events(trace: Trace, period_start_us: int, period_seconds: int) -> list[UsageEvent]:
    batches = list(trace.tick(period_start_us, period_seconds))
    return [require_valid(raw, 2**62) for batch in batches for raw in unpack(batch.payload, batch.headers)]


def test_every_machine_reads_what_was_recorded_five_minutes_a_step() -> None:
    played = [cpu_percentages(trace_of(), MIDNIGHT_US + step * STEP_US, 300) for step in range(3)]
    assert played == [{"alpha": 57, "beta_2": 100}, {"alpha": 24, "beta_2": 0}, {"alpha": 0, "beta_2": 1}]


def test_a_step_may_be_split_into_shorter_periods_that_add_up_to_it() -> None:
    def cpu_seconds(period_seconds: int) -> float:
        starts_us = range(MIDNIGHT_US, MIDNIGHT_US + STEP_US, period_seconds * 10**6)
        return sum(event.metrics.cpu_seconds for at in starts_us for event in events(trace_of(), at, period_seconds))

    assert cpu_seconds(30) == pytest.approx(cpu_seconds(300)) == pytest.approx(1.57 * 300)


def test_a_period_that_does_not_divide_a_step_is_refused() -> None:
    with pytest.raises(ValueError, match="divides 300 seconds"):
        trace_of().tick(MIDNIGHT_US, 70)


def test_a_day_that_is_over_begins_again() -> None:
    assert cpu_percentages(trace_of(), MIDNIGHT_US + 3 * STEP_US, 300) == {"alpha": 57, "beta_2": 100}


def test_the_same_trace_plays_the_same_bytes() -> None:
    assert list(trace_of().tick(MIDNIGHT_US, 30)) == list(trace_of().tick(MIDNIGHT_US, 30))


def test_what_an_id_cannot_hold_becomes_an_underscore() -> None:
    assert [one.instance_id for one in trace_of(["vm,0", "host_de_ slice,1"]).instances] == ["host_de__slice"]


@pytest.mark.parametrize(
    ("lines", "wrong"),
    [
        ([], "line 1"),
        (["vm"], "line 1"),
        (["vm,0"], "line 2"),
        (["vm,0", ",1"], "line 2: a machine's name"),
        (["vm,0", ""], "line 2"),
        (["vm,0,5", "a,1"], "line 2: 2 readings"),
        (["vm,0", "a,1", "b,101"], "line 3: '101'"),
        (["vm,0", "a,1.5"], "line 2: '1.5'"),
        (["vm,0", "a,-1"], "line 2: '-1'"),
        (["vm,0", "a,1", "a,2"], "line 3: the machine 'a' is there twice"),
    ],
)
def test_a_broken_file_is_named_by_its_line(lines: list[str], wrong: str) -> None:
    with pytest.raises(TraceUnreadable, match=wrong):
        trace_of(lines)
