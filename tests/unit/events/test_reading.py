"""Reading a message: both ways through it have one meaning, and nothing in it can stop the reader."""

import msgspec
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from fogbank.events import reading
from fogbank.events.batch import BatchUnreadable, split
from fogbank.events.fields import Fields
from fogbank.events.reading import MessageEvents, read_events

NOW_US = 1_767_225_600_000_000

GOOD = {
    "event_type": "resource_usage",
    "version": "1.0",
    "timestamp": "2025-12-31T23:59:30Z",
    "user_id": "user_1",
    "org_id": "org_1",
    "instance_id": "instance_1",
    "metrics": {
        "cpu_seconds": 30,
        "cpu_percent_avg": 12.5,
        "memory_gb": 4.2,
        "memory_percent": 52.5,
        "storage_gb": 25.7,
        "network_egress_mb": 15.2,
        "network_ingress_mb": 8.7,
        "gpu_seconds": 0,
    },
    "period": {"start": "2025-12-31T23:59:00Z", "end": "2025-12-31T23:59:30Z"},
}

CHANGES: list[dict[str, object]] = [
    {},
    {"org_id": None},
    {"instance_id": "instance_2", "sequence": 7, "node_id": "node-1"},
    {"period": {"start": 1_767_225_000, "end": 1_767_225_030.5}},
    {"unknown": [1, {"a": "b"}]},
    {"instance_id": "not an id"},
    {"user_id": ""},
    {"org_id": "é"},
    {"node_id": "a/b"},
    {"timestamp": "yesterday"},
    {"period": {"start": "2025-12-31T23:59:00Z", "end": "2025-12-31T23:59:00Z"}},
    {"period": {"start": "2025-12-31T20:00:00Z", "end": "2025-12-31T23:59:00Z"}},
    {"period": {"start": "2026-01-01T00:04:00Z", "end": "2026-01-01T00:05:01Z"}},
    {"version": "2.0"},
    {"metrics": {}},
    {"sequence": -1},
]

lines = st.one_of(
    st.sampled_from(CHANGES).map(lambda change: msgspec.json.encode({**GOOD, **change})),
    st.sampled_from([b"", b"  ", b"{", b"[]", b"null", b"\xff", b"[" * 5000, b'{"a":' * 5000]),
)


@settings(deadline=None)
@given(st.lists(lines, max_size=12))
def test_a_message_means_the_same_whether_it_is_read_in_one_step_or_event_by_event(raws: list[bytes]) -> None:
    payload = b"\n".join(raws)
    headers = {"Content-Type": "application/x-ndjson"}
    try:
        slow = reading._one_by_one(split(payload.strip(), headers), NOW_US)
    except BatchUnreadable:
        with pytest.raises(BatchUnreadable):
            read_events(payload, headers, NOW_US)
    else:
        assert read_events(payload, headers, NOW_US) == slow


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_no_bytes_break_the_reader(payload: bytes) -> None:
    for headers in ({}, {"Content-Encoding": "zstd"}, {"Content-Encoding": "identity"}):
        try:
            read_events(payload, headers, NOW_US)
        except BatchUnreadable:
            continue


def test_a_wrong_event_is_named_by_its_place_and_leaves_those_beside_it_alone() -> None:
    good, wrong = msgspec.json.encode(GOOD), msgspec.json.encode({**GOOD, "user_id": "no way"})
    events = read_events(b"\n".join([good, wrong, good]), {}, NOW_US)
    assert events.ordinals == [0, 2]
    assert [(each.ordinal, each.raw, each.rejection.field) for each in events.wrong] == [(1, wrong, "user_id")]


def test_one_event_an_array_and_lines_are_all_read() -> None:
    one = msgspec.json.encode(GOOD)
    pretty = msgspec.json.format(one, indent=2)
    for payload in (one, pretty, b"[" + one + b"]", zstandard.compress(one)):
        headers = {"Content-Encoding": "zstd"} if payload.startswith(b"\x28") else {}
        assert len(read_events(payload, headers, NOW_US).valid) == 1


def test_more_events_than_have_a_place_are_unreadable() -> None:
    with pytest.raises(BatchUnreadable, match="more than 65536"):
        read_events(b"{}\n" * 65_537, {}, NOW_US)


def test_an_empty_message_holds_no_events() -> None:
    assert read_events(b"", {}, NOW_US) == MessageEvents([], Fields.of([]), [], [])
