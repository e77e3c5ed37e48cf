"""Columns: the vectorised way to the store gives the very integers that the kernel defines."""

import io

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fogbank.events.fields import Fields
from fogbank.events.reading import MessageEvents
from fogbank.events.usage_event import METRIC_MAX, EventPeriod, Metrics, UsageEvent, WireTime
from fogbank.kernel.periods import instant_of
from fogbank.kernel.quantities import metric_micros
from fogbank.queue.client import Message
from fogbank.usage.ingesting.columns import Columns, instants_us, metrics_micros
from fogbank.usage.model import HOUR_US, WINDOW_US
from fogbank.usage.rules import version_of
from fogbank.usage.store.arrow import write_stream

START_US = 1_767_225_600_000_000

doubles = st.one_of(
    st.floats(0.0, METRIC_MAX),
    st.integers(0, 10**15).map(lambda micros: micros / 1e6),
    st.integers(0, 10**9).map(lambda micros: (micros + 0.5) / 1e6),  # as near to a tie as doubles come
)
metrics = st.builds(Metrics, *[doubles] * len(Metrics.__struct_fields__))


@settings(deadline=None)
@given(st.lists(metrics, min_size=1, max_size=40))
def test_every_metric_becomes_the_kernels_micro_units(values: list[Metrics]) -> None:
    columns = metrics_micros(values)
    for name, column in zip(Metrics.__struct_fields__, columns, strict=True):
        assert column.to_pylist() == [metric_micros(getattr(value, name)) for value in values]


def test_metrics_that_decoding_did_not_make_are_refused() -> None:
    with pytest.raises(TypeError, match="not a float"):
        metrics_micros([Metrics(1, 2, 3, 4, 5, 6, 7, 8)])


@settings(deadline=None)
@given(st.lists(st.sampled_from(["2026-01-01T00:00:00Z", "2026-01-01T00:00:00.000001Z", 1767225600, 1.5]), min_size=1))
def test_instants_are_the_same_alone_and_together(times: list[WireTime]) -> None:
    assert instants_us(times).tolist() == [int(instants_us([time])[0]) for time in times]


def event(instance_id: str, start: int, **others: object) -> UsageEvent:
    return UsageEvent(
        event_type="resource_usage",
        version="1.0",
        timestamp=start + 30,
        user_id="user_1",
        instance_id=instance_id,
        metrics=Metrics(1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0),
        period=EventPeriod(start, start + 30),
        **others,  # type: ignore[arg-type]
    )


def of(events: list[UsageEvent], ordinals: list[int]) -> MessageEvents:
    return MessageEvents(events, Fields.of(events), ordinals, [])


def message(stream_sequence: int) -> Message:
    return Message("usage.v1.node-1", "node-1", b"", {}, stream_sequence, instant_of(START_US), "", 0)


def test_a_row_says_all_that_its_event_said_and_where_it_came_from() -> None:
    columns = Columns()
    start = START_US // 1_000_000
    events = [event("i-1", start, org_id="org_1", sequence=7), event("i-2", start + 299)]
    columns.add(message(5), of(events, [0, 3]))
    columns.add(message(6), of([event("i-1", start + 3_600)], [1]))
    file = io.BytesIO()
    write_stream(columns.batches, file)
    table = pa.ipc.open_stream(file.getvalue()).read_all().to_pydict()
    assert table["instance_id"] == ["i-1", "i-2", "i-1"]
    assert table["period_start_us"] == [START_US, START_US + 299_000_000, START_US + HOUR_US]
    assert table["length_us"] == [30_000_000] * 3
    assert table["org_id"] == ["org_1", "", ""]
    assert table["node_id"] == ["node-1"] * 3
    assert table["sequence"] == [7, -1, -1]
    assert table["version"] == [version_of(0, 5, 0), version_of(0, 5, 3), version_of(0, 6, 1)]
    assert (table["cpu_seconds"][0], table["gpu_seconds"][0]) == (1_000_000, 8_000_000)
    assert len(columns) == 3
    assert columns.windows == {START_US, START_US + HOUR_US}
    assert columns.hours == {START_US, START_US + HOUR_US}
    assert all(window % WINDOW_US == 0 for window in columns.windows)


def test_a_message_without_valid_events_adds_nothing() -> None:
    columns = Columns()
    columns.add(message(1), of([], []))
    assert (len(columns), columns.batches) == (0, [])


def test_ordinals_up_to_the_last_place_keep_their_rank() -> None:
    columns = Columns()
    columns.add(message(2**40 - 1), of([event("i-1", 1_767_225_600)], [65_535]))
    version = columns.batches[0].column("version").to_numpy()
    assert version.dtype == np.uint64
    assert version.tolist() == [version_of(0, 2**40 - 1, 65_535)]
