"""Counting what a batch brings into each window agrees with counting it reading by reading."""

import itertools
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from fogbank.usage.ingesting.counting import runs_in, without_gaps
from fogbank.usage.mending.model import Run
from fogbank.usage.model import WINDOW_US
from fogbank.usage.rules import start_of, version_of
from fogbank.usage.store.arrow import write_stream

messages = st.dictionaries(
    st.integers(1, 40), st.lists(st.integers(0, 5 * WINDOW_US), min_size=1, max_size=5), min_size=1, max_size=20
)


@given(messages)
def test_every_reading_is_counted_in_its_window_and_its_run(sent: dict[int, list[int]]) -> None:
    order = list(sent)
    batches = [
        pa.record_batch(
            [
                pa.array(sent[sequence], pa.int64()),
                pa.array([version_of(0, sequence, place) for place in range(len(sent[sequence]))], pa.uint64()),
            ],
            names=["period_start_us", "version"],
        )
        for sequence in order
    ]
    with TemporaryDirectory() as directory:
        path = Path(directory) / "batch.arrow"
        with path.open("wb") as file:
            write_stream(batches, file)
        runs = runs_in(path, order)
    expected = [
        Run(window_us, first, last, events)
        for first, last in without_gaps(sorted(order))
        for window_us, events in sorted(
            Counter(start_of(us, WINDOW_US) for each in range(first, last + 1) for us in sent[each]).items()
        )
    ]
    assert runs == expected


@given(st.sets(st.integers(1, 60), min_size=1))
def test_runs_have_no_gap_and_leave_nothing_out(sequences: set[int]) -> None:
    runs = without_gaps(sorted(sequences))
    assert [each for first, last in runs for each in range(first, last + 1)] == sorted(sequences)
    assert all(after[0] > before[1] + 1 for before, after in itertools.pairwise(runs))
