"""Shares: together they are everything, no two overlap, and a new division begins where nothing is left out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fogbank.queue.shares import ALL, Share, first_unread, share_named
from fogbank.queue.subjects import PARTITIONS

divisions = st.integers(1, PARTITIONS)


@given(divisions)
def test_the_shares_of_a_division_are_every_subject_once(workers: int) -> None:
    subjects = [subject for worker in range(workers) for subject in Share(worker, workers).subjects]
    partitions = [f"usage.v1.{partition}.*" for partition in range(PARTITIONS)]
    assert sorted(subjects) == (["usage.v1.>"] if workers == 1 else sorted([*partitions, "usage.v1.*"]))


@given(divisions, st.data())
def test_a_durable_name_says_whose_share_it_is(workers: int, data: st.DataObject) -> None:
    share = Share(data.draw(st.integers(0, workers - 1)), workers)
    assert share_named(share.of("usage"), "usage") == share
    assert share_named(share.of("usage"), "other") is None


@given(
    st.dictionaries(divisions.flatmap(lambda n: st.builds(Share, st.integers(0, n - 1), st.just(n))), st.integers(0))
)
def test_nothing_before_the_beginning_is_unread_by_a_whole_division(floors: dict[Share, int]) -> None:
    first = first_unread(floors)
    whole = [
        {worker: floors.get(Share(worker, share.workers), 0) for worker in range(share.workers)} for share in floors
    ]
    assert first == 1 or any(all(floor >= first - 1 for floor in each.values()) for each in whole)


def test_a_division_of_which_one_worker_never_ran_proves_nothing() -> None:
    assert first_unread({Share(0, 2): 1_000}) == 1
    assert first_unread({ALL: 10, Share(0, 2): 1_000}) == 11
    assert first_unread({ALL: 10, Share(0, 2): 1_000, Share(1, 2): 30}) == 31


@pytest.mark.parametrize(("worker", "workers"), [(1, 1), (-1, 2), (0, 0), (0, PARTITIONS + 1)])
def test_no_worker_is_outside_of_its_division(worker: int, workers: int) -> None:
    with pytest.raises(ValueError, match="count from 0"):
        Share(worker, workers)
