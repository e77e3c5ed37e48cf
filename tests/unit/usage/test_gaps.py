"""Gaps: what a broken sequence tells, and nothing that it does not."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from fogbank.usage.gaps import differences, gaps_between
from fogbank.usage.model import HOUR_US, Gap, HourRun, Owner

OWNER = Owner("o-1", "u-1", "n-1")
STEP_US = 30_000_000


def run(first: int, last: int, sequence: int, *, hour: int = 0, owner: Owner = OWNER, is_torn: bool = False) -> HourRun:
    """Readings from the `first` to the `last` half minute, the first of them numbered `sequence`."""
    last_sequence = -1 if sequence < 0 else sequence + last - first
    return HourRun(
        "i-1", hour * HOUR_US, first * STEP_US, (last + 1) * STEP_US, sequence, last_sequence, owner, is_torn
    )


def test_numbers_left_out_between_two_readings_are_a_gap_of_whom_was_read_before() -> None:
    after = run(15, 20, 15, owner=Owner("o-2", "u-2", "n-2"))
    assert list(gaps_between([run(0, 9, 0), after])) == [Gap("i-1", 10 * STEP_US, 15 * STEP_US, OWNER, 5)]


def test_time_alone_is_no_gap_nor_is_a_restart_nor_what_has_no_numbers() -> None:
    assert not list(gaps_between([run(0, 9, 0), run(500, 510, 10)]))
    assert not list(gaps_between([run(0, 9, 100), run(15, 20, 0)]))
    assert not list(gaps_between([run(0, 9, 100), run(15, 20, 109)]))
    assert not list(gaps_between([run(0, 9, -1), run(15, 20, 15)]))
    assert not list(gaps_between([run(0, 9, 0), run(15, 20, -1)]))


def test_numbers_left_out_in_no_time_are_no_gap() -> None:
    assert not list(gaps_between([run(0, 9, 0), run(10, 20, 15)]))


def test_a_torn_hour_is_what_its_readings_say_and_itself_where_they_are_gone() -> None:
    torn = run(0, 100, 0, is_torn=True)
    parts = [run(0, 40, 0), run(61, 100, 61)]
    assert [gap.start_us // STEP_US for gap in differences([torn], parts, [])] == [41]
    known = Gap("i-1", 41 * STEP_US, 61 * STEP_US, OWNER, 20)
    assert list(differences([torn], parts, [known])) == []
    assert list(differences([torn], [], [known])) == []


def test_a_gap_that_closed_is_written_without_length_and_one_that_moved_is_written_anew() -> None:
    known = Gap("i-1", 10 * STEP_US, 20 * STEP_US, OWNER, 10)
    closed = replace(known, end_us=known.start_us, readings_missing=0)
    assert list(differences([run(0, 30, 0)], [], [known])) == [closed]
    split = [run(0, 9, 0), run(13, 15, 13), run(20, 30, 20)]
    assert list(differences(split, [], [known])) == [
        replace(known, end_us=13 * STEP_US, readings_missing=3),
        Gap("i-1", 16 * STEP_US, 20 * STEP_US, OWNER, 4),
    ]
    elsewhere = Gap("i-1", 900 * STEP_US, 920 * STEP_US, OWNER, 20)
    assert list(differences([run(0, 30, 0)], [], [elsewhere])) == []


@given(st.sets(st.integers(0, 300), min_size=1), st.sets(st.integers(0, 300)))
def test_whatever_came_in_whatever_order_the_gaps_are_what_is_missing_between(came: set[int], late: set[int]) -> None:
    known: dict[int, Gap] = {}
    for arrived in (came, came | late):
        runs = [run(number, number, number) for number in sorted(arrived)]
        known |= {
            gap.start_us: gap for gap in differences(runs, [], [gap for gap in known.values() if gap.readings_missing])
        }
    missing = set(range(min(came | late), max(came | late))) - came - late
    open_gaps = [gap for gap in known.values() if gap.end_us > gap.start_us]
    covered = [number for gap in open_gaps for number in range(gap.start_us // STEP_US, gap.end_us // STEP_US)]
    assert sorted(covered) == sorted(missing)
    assert sum(gap.readings_missing for gap in open_gaps) == len(missing)
