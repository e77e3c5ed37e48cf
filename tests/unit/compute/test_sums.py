"""A sum that is kept says what a new one would: it ends with a change, and with the moment at which more is stale."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from fogbank.compute.current.picture import Latest, Picture
from fogbank.compute.current.sums import KEPT_MAX, Sums, summed
from fogbank.events.usage_event import Metrics

INTERVAL_US = 30_000_000
SECOND_US = 1_000_000


def reading(instance: int, end_second: int, cpu_seconds: float = 30.0, org_id: str | None = None) -> Latest:
    metrics = Metrics(cpu_seconds, 12.5, 4.2, 52.5, 25.7, 15.2, 8.7, 0.0)
    end_us = end_second * SECOND_US
    return Latest(f"i{instance}", "user_ann", org_id, metrics, end_us - INTERVAL_US, end_us, "node")


changes = st.tuples(st.integers(0, 4), st.integers(0, 400), st.sampled_from([0.0, 1.5, 30.0]))


@given(st.lists(st.one_of(changes, st.integers(0, 500)), max_size=40))
def test_a_kept_sum_is_what_would_be_summed_anew(steps: Sequence[tuple[int, int, float] | int]) -> None:
    picture, sums = Picture(), Sums()
    for step in steps:
        if isinstance(step, tuple):
            picture.see(reading(*step))
            continue
        now_us = step * SECOND_US
        kept = sums.of(
            "user_ann", picture.change_of("user_ann"), now_us, INTERVAL_US, lambda: picture.of_user("user_ann")
        )
        assert kept.totals == summed(picture.of_user("user_ann"), now_us, INTERVAL_US).totals
        assert list(kept.readings) == picture.of_user("user_ann")


def test_nothing_is_added_up_again_while_nothing_changes() -> None:
    looked: list[int] = []

    def look() -> list[Latest]:
        looked.append(1)
        return [reading(1, 100), reading(2, 110)]

    sums = Sums()
    for second in (110, 120, 190, 191, 200, 201):
        sums.of("user_ann", 7, second * SECOND_US, INTERVAL_US, look)
    assert len(looked) == 3, "at first, when the first is stale, when the second is"


def test_only_so_many_sums_are_kept() -> None:
    sums = Sums()
    for number in range(KEPT_MAX + 10):
        sums.of(number, 1, 0, INTERVAL_US, list)
    assert len(sums._kept) == KEPT_MAX


@given(st.lists(st.integers(0, 50), unique=True, max_size=20), st.integers(1, 7))
def test_pages_list_every_instance_once_and_in_order(numbers: list[int], limit: int) -> None:
    found = summed(sorted((reading(each, 100) for each in numbers), key=lambda each: each.instance_id), 0, INTERVAL_US)
    listed: list[str] = []
    after: str | None = None
    while True:
        page, after = found.page(after, limit)
        listed += [each.instance_id for each in page]
        if after is None:
            break
    assert listed == sorted(f"i{each}" for each in numbers)


def test_an_owner_of_nothing_never_changed_and_one_who_comes_back_did() -> None:
    picture = Picture()
    assert picture.change_of("org_fog") == 0
    picture.see(reading(1, 100, org_id="org_fog"))
    first = picture.change_of("org_fog")
    picture.see(reading(1, 130))
    assert picture.change_of("org_fog") == 0
    picture.see(reading(1, 160, org_id="org_fog"))
    assert picture.change_of("org_fog") > first
