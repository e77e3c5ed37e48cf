"""Which batches hold readings that lost: exactly those, whatever was stored twice and in whatever company."""

import itertools
from collections import Counter
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from fogbank.usage.mending.model import Run
from fogbank.usage.mending.rules import Winners, explained, joined, unexplained

WINDOW = 0
Messages = list[list[int]]
"""The identities in each message, by its place in the queue, counted from 1."""

messages = st.lists(st.lists(st.integers(0, 30), max_size=6), min_size=1, max_size=12)


def stored_runs(sent: Messages, cuts: set[int]) -> list[Run]:
    """The runs that batches between these cuts leave behind."""
    edges = sorted({0, len(sent)} | {cut for cut in cuts if cut < len(sent)})
    spans = itertools.pairwise(edges)
    runs = [Run(WINDOW, first + 1, last, sum(len(each) for each in sent[first:last])) for first, last in spans]
    return [run for run in runs if run.events]


def winners_of(sent: Messages) -> dict[int, int]:
    """How many readings are stored from each message: the first of each identity."""
    first: dict[int, int] = {}
    for place, identities in enumerate(sent, 1):
        for identity in identities:
            first.setdefault(identity, place)
    return Counter(first.values())


def true_losses(sent: Messages, run: Run) -> int:
    winners = winners_of(sent)
    places = range(run.first_sequence, run.last_sequence + 1)
    return run.events - sum(winners.get(place, 0) for place in places)


@given(messages, st.lists(st.sets(st.integers(1, 11), max_size=4), min_size=1, max_size=3))
def test_what_is_explained_is_what_lost_and_adds_up(sent: Messages, batchings: list[set[int]]) -> None:
    runs = list(
        {(run.first_sequence, run.last_sequence): run for c in batchings for run in stored_runs(sent, c)}.values()
    )
    counted = len({identity for message in sent for identity in message})
    news = explained(WINDOW, runs, Winners(winners_of(sent).items()))
    for run in news:
        if run.last_sequence:
            assert run.superseded == true_losses(sent, run)
    known = {(run.first_sequence, run.last_sequence): run for run in (*runs, *news)}
    assert not unexplained(known.values(), counted)
    # What is known is no news a second time, so nothing is read from the queue twice.
    assert explained(WINDOW, list(known.values()), Winners(winners_of(sent).items())) == []


@given(messages, st.sets(st.integers(1, 11), max_size=4), st.data())
def test_one_more_reading_that_loses_makes_a_window_unexplained(
    sent: Messages, cuts: set[int], data: st.DataObject
) -> None:
    identities = [identity for message in sent for identity in message]
    if not identities:
        return
    runs = stored_runs(sent, cuts)
    news = explained(WINDOW, runs, Winners(winners_of(sent).items()))
    known = {(run.first_sequence, run.last_sequence): run for run in (*runs, *news)}
    later = Run(WINDOW, len(sent) + 1, len(sent) + 1, 1)
    assert unexplained([*known.values(), later], len(set(identities)))
    sent = [*sent, [data.draw(st.sampled_from(identities))]]
    [new] = explained(WINDOW, [*known.values(), later], Winners(winners_of(sent).items()))
    assert new == replace(later, superseded=1)


def test_runs_that_touch_or_overlap_are_joined() -> None:
    runs = [
        Run(WINDOW, 5, 9, 1),
        Run(WINDOW, 1, 2, 1),
        Run(WINDOW, 8, 12, 1),
        Run(WINDOW, 13, 13, 1),
        Run(WINDOW, 20, 21, 1),
    ]
    assert joined(runs) == [(1, 2), (5, 13), (20, 21)]
