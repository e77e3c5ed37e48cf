"""Crossings: one firing, then one clearing, and so on, however values flap and clocks jump."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from fogbank.compute.thresholds.model import (
    Action,
    Crossing,
    ResourceType,
    Standing,
    Subject,
    SubjectKind,
    Terms,
    ThresholdType,
    Value,
)
from fogbank.compute.thresholds.rules.crossing import UNTOUCHED, Limit, judged, limit_of

SECOND = 1_000_000
START_US = 1_700_000_000 * SECOND
TERMS = Terms(
    Subject(SubjectKind.USER, "user_ann"),
    ResourceType.STORAGE,
    ThresholdType.ABSOLUTE,
    500 * SECOND,
    "GB",
    Action.LOG,
)
GB_500 = limit_of(TERMS)
CREDITS_20 = limit_of(replace(TERMS, resource_type=ResourceType.BALANCE, units="credits", value_micros=20 * SECOND))

Look = tuple[int, Value | None]
"""How many seconds later, and what is measured then."""

percents = st.sampled_from([30, 99, 100, 180]) | st.integers(0, 200)
known = st.tuples(percents, st.just(value=True))
glances = st.lists(
    st.tuples(st.sampled_from([0, 1, 30, 300, 2000]), known | known | st.tuples(percents, st.booleans()) | st.none()),
    min_size=8,
    max_size=60,
)
"""Looks at values of so many percent of whatever the limit is, so that it is crossed often."""
limits = st.builds(
    lambda value, hysteresis, cooling, is_below: limit_of(
        replace(
            TERMS,
            resource_type=ResourceType.BALANCE if is_below else ResourceType.SPEND,
            units="credits" if is_below else "credits/day",
            value_micros=value,
            hysteresis_percent=hysteresis,
            cooling_seconds=cooling,
        )
    ),
    st.integers(1, 10**9),
    st.integers(0, 50),
    st.integers(0, 3600),
    st.booleans(),
)


@dataclass(frozen=True)
class Case:
    """A limit, and looks at what it limits."""

    limit: Limit
    seen: list[Look]


@st.composite
def cases(draw: st.DrawFn) -> Case:
    limit = draw(limits)
    seen: list[Look] = []
    for seconds, value in draw(glances):
        measured = None if value is None else Value(limit.fires_at_micros * value[0] // 100, value[1])
        seen.append((seconds, measured))
    return Case(limit, seen)


def story(limit: Limit, seen: Sequence[Look]) -> list[tuple[int, Crossing]]:
    """When what happened, in microseconds since the start."""
    now_us, standing, happened = START_US, UNTOUCHED, []
    for seconds, value in seen:
        now_us += seconds * SECOND
        standing, crossing = judged(limit, standing, value, now_us)
        if crossing is not None:
            happened.append((now_us, crossing))
    assert standing.crossings == len(happened)
    return happened


@given(cases())
def test_there_are_never_two_firings_without_a_clearing_between(case: Case) -> None:
    kinds = [crossing for _, crossing in story(case.limit, case.seen)]
    assert kinds == [Crossing.FIRED, Crossing.CLEARED] * (len(kinds) // 2) + [Crossing.FIRED] * (len(kinds) % 2)


@given(cases())
def test_a_value_that_flaps_fires_at_most_once_in_a_cooling_time(case: Case) -> None:
    firings = [at for at, crossing in story(case.limit, case.seen) if crossing is Crossing.FIRED]
    assert all(later - earlier >= case.limit.cooling_us for earlier, later in pairwise(firings))


@given(cases())
def test_a_look_without_a_value_changes_nothing(case: Case) -> None:
    now_us, standing = START_US, Standing()
    for seconds, value in case.seen:
        now_us += seconds * SECOND
        assert judged(case.limit, standing, None, now_us) == (standing, None)
        standing, _ = judged(case.limit, standing, value, now_us)


@given(limits, st.integers(-(10**9), 10**9), st.integers(0, 10**9))
def test_what_fires_at_a_value_fires_at_every_worse_one_and_nothing_both_fires_and_clears(
    limit: Limit, micros: int, more: int
) -> None:
    worse = micros - more if limit.is_below else micros + more
    assert not limit.is_reached(micros) or limit.is_reached(worse)
    assert not limit.is_left(worse) or limit.is_left(micros)
    assert not (limit.is_reached(micros) and limit.is_left(micros))


@given(cases(), st.integers(0, 59))
def test_a_restart_between_two_looks_changes_nothing(case: Case, cut: int) -> None:
    """The state is all that there is: carried over, the story goes on as if nothing had been."""
    now_us, standing, happened = START_US, UNTOUCHED, []
    for place, (seconds, value) in enumerate(case.seen):
        if place == cut:
            standing = Standing(standing.is_firing, standing.changed_us, standing.crossings)
        now_us += seconds * SECOND
        standing, crossing = judged(case.limit, standing, value, now_us)
        if crossing is not None:
            happened.append((now_us, crossing))
    assert happened == story(case.limit, case.seen)


def test_the_documents_example() -> None:
    """500 GB, 5 % hysteresis, 15 minutes: docs/thresholds.md tells this story."""
    day = [(0, 499), (60, 500), (60, 510), (60, 480), (60, 474), (60, 505), (900, 505)]
    happened = story(GB_500, [(seconds, Value(gb * SECOND)) for seconds, gb in day])
    assert [((at - START_US) // SECOND // 60, crossing) for at, crossing in happened] == [
        (1, Crossing.FIRED),
        (4, Crossing.CLEARED),
        (20, Crossing.FIRED),
    ]


def test_a_balance_fires_downwards_and_clears_above_its_hysteresis() -> None:
    happened = story(CREDITS_20, [(0, Value(c * SECOND)) for c in (21, 20, 19, 21)] + [(0, Value(21 * SECOND + 1))])
    assert [crossing for _, crossing in happened] == [Crossing.FIRED, Crossing.CLEARED]


def test_a_sum_that_is_not_complete_may_fire_and_never_clears() -> None:
    partly = Value(600 * SECOND, is_complete=False)
    standing, crossing = judged(GB_500, UNTOUCHED, partly, START_US)
    assert crossing is Crossing.FIRED
    assert judged(GB_500, standing, Value(1, is_complete=False), START_US + SECOND) == (standing, None)


def test_a_clock_that_is_set_back_does_not_end_the_cooling() -> None:
    cleared = Standing(is_firing=False, changed_us=START_US, crossings=2)
    assert judged(GB_500, cleared, Value(600 * SECOND), START_US - 60 * SECOND) == (cleared, None)
