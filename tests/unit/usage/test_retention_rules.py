"""Retention's rules: floors only rise, never pass what is needed, and a partition goes whole, anew, or not at all."""

from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fogbank.kernel.periods import instant_of, microseconds_of
from fogbank.usage.client.retention import Action, DataClass, ProposedPolicy
from fogbank.usage.errors import NotAllowed
from fogbank.usage.model import DAY_US
from fogbank.usage.retention.daily import seconds_until_next
from fogbank.usage.retention.model import DEFAULT, Floors, Needed, PayerFloors, Policies
from fogbank.usage.retention.rules import (
    DAYS_MAX,
    SPARE_DAYS,
    WORTH,
    action_for,
    due,
    partition_start,
    raised,
    require_allowed,
    require_order,
)
from fogbank.usage.retention.views import with_proposed

NOW_US = microseconds_of(datetime(2026, 3, 15, 12, tzinfo=UTC))
QUEUE_DAYS = 7
KEPT_DAYS = QUEUE_DAYS + SPARE_DAYS
NO_NEED = Needed(NOW_US, QUEUE_DAYS)
PAYERS = ("org_1", "org_2", "org_3")
READINGS, WINDOWS, HOURS = DataClass

days = st.none() | st.integers(KEPT_DAYS, 800)
keys = st.tuples(st.sampled_from(DataClass), st.sampled_from((DEFAULT, *PAYERS)))
policies = st.builds(Policies, st.dictionaries(keys, days))
instants = st.integers(microseconds_of(datetime(2024, 1, 1, tzinfo=UTC)), NOW_US + 900 * DAY_US)


def in_order(policies: Policies) -> bool:
    try:
        require_order(policies)
    except NotAllowed:
        return False
    return True


ordered = policies.filter(in_order)
histories = st.lists(st.tuples(ordered, instants, instants), min_size=1, max_size=6)


def floors_of(history: list[tuple[Policies, int, int]]) -> list[Floors]:
    """The floors after each day of a history: policies as they were then, the time, and what was needed."""
    floors = [Floors()]
    for its_policies, now_us, needed_from_us in history:
        floors.append(raised(floors[-1], its_policies, now_us, Needed(needed_from_us, QUEUE_DAYS)))
    return floors


def all_of(floors: Floors) -> dict[tuple[DataClass, str], int]:
    return {(each, payer): floors.of(each).of(payer) for each in DataClass for payer in (*PAYERS, "org_other")}


@given(histories)
def test_no_floor_ever_falls_whatever_policies_clock_and_needs_do(history: list[tuple[Policies, int, int]]) -> None:
    floors = [all_of(each) for each in floors_of(history)]
    for before, after in pairwise(floors):
        assert all(after[key] >= before[key] for key in before)


@given(histories)
def test_no_floor_rises_above_what_is_needed_or_what_the_queue_holds(history: list[tuple[Policies, int, int]]) -> None:
    floors = floors_of(history)
    for (_, now_us, needed_from_us), before, after in zip(history, floors, floors[1:], strict=False):
        risen = {key: floor for key, floor in all_of(after).items() if floor > all_of(before)[key]}
        assert all(floor <= needed_from_us for floor in risen.values())
        queued_from_us = now_us - KEPT_DAYS * DAY_US
        assert all(floor <= queued_from_us for (each, _), floor in risen.items() if each is READINGS)


@given(histories)
def test_rollups_never_go_before_the_readings_they_were_made_from(history: list[tuple[Policies, int, int]]) -> None:
    for floors in floors_of(history):
        for payer in (*PAYERS, "org_other"):
            assert floors.windows.of(payer) <= floors.readings.of(payer)
            assert floors.hours.of(payer) <= floors.readings.of(payer)


@given(histories, instants)
def test_every_floor_is_the_start_of_a_partition_also_when_it_is_capped(
    history: list[tuple[Policies, int, int]], needed_from_us: int
) -> None:
    floors = floors_of(history)[-1]
    capped = due(floors, needed_from_us)
    for key, floor_us in all_of(capped).items():
        assert floor_us == partition_start(key[0], floor_us)
        assert floor_us <= min(needed_from_us, all_of(floors)[key])


@given(policies)
def test_nothing_goes_without_a_policy_that_says_so(its_policies: Policies) -> None:
    for_ever = Policies(dict.fromkeys(its_policies.days, None))
    assert raised(Floors(), for_ever, NOW_US, NO_NEED).highest_us == 0
    assert for_ever.drop_nothing


def test_a_day_is_kept_until_all_of_it_is_as_old_as_the_policy_says() -> None:
    floors = raised(Floors(), Policies({(READINGS, DEFAULT): 10}), NOW_US, NO_NEED)
    assert instant_of(floors.readings.default_us) == datetime(2026, 3, 5, tzinfo=UTC)


def test_rollups_go_by_whole_months() -> None:
    floors = raised(Floors(), Policies({(WINDOWS, DEFAULT): 20, (HOURS, DEFAULT): 11}), NOW_US, NO_NEED)
    assert instant_of(floors.windows.default_us) == datetime(2026, 2, 1, tzinfo=UTC)
    assert instant_of(floors.hours.default_us) == datetime(2026, 3, 1, tzinfo=UTC)


def test_a_payers_own_policy_holds_in_both_directions_and_what_was_gone_stays_gone() -> None:
    default = Policies({(READINGS, DEFAULT): 10})
    floors = raised(Floors(), default, NOW_US, NO_NEED)
    own = Policies({**default.days, (READINGS, "org_1"): None, (READINGS, "org_2"): 8})
    later_us = NOW_US + 30 * DAY_US
    later = raised(floors, own, later_us, Needed(later_us, QUEUE_DAYS)).readings
    assert later.of("org_1") == floors.readings.default_us, "kept from the day on which it got its policy"
    assert later.of("org_2") == later.of("org_3") + 2 * DAY_US
    again = raised(Floors(readings=later), default, later_us, Needed(later_us, QUEUE_DAYS)).readings
    assert again.of("org_1") == again.of("org_3"), "by the default again"
    assert again.of("org_2") == later.of("org_2"), "what is gone is not promised again"


@pytest.mark.parametrize(
    ("data_class", "its_days", "says"),
    [
        (READINGS, QUEUE_DAYS, "8 to 36500 days, because the queue holds readings for 7 days"),
        (WINDOWS, 0, "1 to"),
        (HOURS, -1, "1 to"),
    ],
)
def test_a_policy_that_cannot_hold_is_refused_with_what_can(data_class: DataClass, its_days: int, says: str) -> None:
    with pytest.raises(NotAllowed, match=says):
        require_allowed(data_class, its_days, QUEUE_DAYS)
    require_allowed(data_class, DAYS_MAX, QUEUE_DAYS)
    require_allowed(data_class, None, QUEUE_DAYS)


@pytest.mark.parametrize("data_class", [WINDOWS, HOURS])
@pytest.mark.parametrize("payer", [DEFAULT, "org_1"])
def test_rollups_are_kept_at_least_as_long_as_readings(data_class: DataClass, payer: str) -> None:
    with pytest.raises(NotAllowed, match=f"{data_class}.* 30 days and readings for ever"):
        require_order(Policies({(data_class, payer): 30}))
    with pytest.raises(NotAllowed, match="30 days and readings 31 days"):
        require_order(Policies({(data_class, payer): 30, (READINGS, payer): 31}))
    require_order(Policies({(data_class, payer): 30, (READINGS, payer): 30}))
    require_order(Policies({(READINGS, payer): 30}))


def test_a_default_must_fit_payers_that_follow_it_in_part() -> None:
    own = Policies({(READINGS, "org_1"): 100, (READINGS, DEFAULT): 10})
    with pytest.raises(NotAllowed, match="of org_1"):
        require_order(with_proposed(own, [ProposedPolicy(WINDOWS, 50)], QUEUE_DAYS))


def test_proposals_are_put_on_top_of_what_is_set() -> None:
    own = Policies({(READINGS, DEFAULT): 10, (READINGS, "org_1"): 20})
    tried = with_proposed(
        own, [ProposedPolicy(READINGS, "default", "org_1"), ProposedPolicy(HOURS, "forever")], QUEUE_DAYS
    )
    assert tried.days == {(READINGS, DEFAULT): 10, (HOURS, DEFAULT): None}


@given(st.integers(0, 1000), st.integers(0, 1000), st.booleans())
def test_what_somebody_keeps_is_never_dropped_and_what_is_expired_never_rewritten_for_nothing(
    expired: int, staying: int, thorough: bool
) -> None:
    action = action_for(expired, staying, thorough=thorough)
    assert (action is Action.DROP) == (expired > 0 and staying == 0)
    if action is Action.REWRITE:
        assert expired > 0
        assert staying > 0
        assert thorough or expired * WORTH >= expired + staying
    if thorough:
        assert (action is Action.KEEP) == (expired == 0)


def test_floors_of_all_others_do_not_hide_a_payers_own() -> None:
    floors = PayerFloors(5, {"org_1": 9, "org_2": 0})
    assert (floors.of("org_1"), floors.of("org_2"), floors.of("org_3"), floors.highest_us) == (9, 0, 5, 9)
    assert PayerFloors().highest_us == 0


@given(instants.map(instant_of))
def test_the_next_run_is_within_a_day(now: datetime) -> None:
    assert 0 < seconds_until_next(now) <= 86_400
