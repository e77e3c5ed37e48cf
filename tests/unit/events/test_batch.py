"""Batches: what is packed comes out as it went in, and nothing that cannot be taken apart takes us with it."""

import random
from contextlib import suppress

import msgspec
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from fogbank.events.batch import (
    CONTENT_ENCODING,
    CONTENT_TYPE,
    MESSAGE_ID,
    NDJSON,
    NODE,
    PAYLOAD_BYTES_MAX,
    BatchUnreadable,
    pack,
    unpack,
)

ZSTD_HEADERS = {CONTENT_ENCODING: "zstd"}
json_objects = st.dictionaries(st.text(max_size=5), st.integers() | st.text(max_size=20), max_size=4)
encoded_events = json_objects.map(msgspec.json.encode)


def unpacked(payload: bytes, headers: dict[str, str] | None = None) -> list[bytes]:
    return [bytes(event) for event in unpack(payload, headers)]


@given(st.lists(encoded_events, min_size=1, max_size=50))
def test_what_is_packed_comes_out_in_order(events: list[bytes]) -> None:
    batch = pack(events, "node-1", 1, len(events))
    assert unpacked(batch.payload, batch.headers) == events


def test_a_batch_is_named_by_its_node_and_its_first_and_last_sequence() -> None:
    batch = pack([b"{}"], "node-1", 40, 41)
    assert batch.headers[MESSAGE_ID] == "node-1:40-41"
    assert batch.headers[NODE] == "node-1"


def test_the_same_events_are_the_same_message() -> None:
    assert pack([b"{}", b"{}"], "node-1", 1, 2) == pack([b"{}", b"{}"], "node-1", 1, 2)


@given(st.lists(encoded_events, max_size=20))
def test_a_plain_json_array_is_taken_apart(events: list[bytes]) -> None:
    assert unpacked(b"[" + b", ".join(events) + b"]") == events


@pytest.mark.parametrize("headers", [None, {}, {CONTENT_TYPE: "application/json"}, {CONTENT_ENCODING: "identity"}])
def test_a_single_event_may_be_printed_over_several_lines(headers: dict[str, str] | None) -> None:
    assert unpacked(b'{\n  "a": 1\n}\n', headers) == [b'{\n  "a": 1\n}']


def test_plain_lines_are_events_whatever_the_message_says_of_its_type() -> None:
    assert unpacked(b'{"a":1}\r\n\n{"b":2}\n', {}) == [b'{"a":1}\r', b'{"b":2}']
    assert unpacked(b'{"a":1}\n{"b":2}', {CONTENT_TYPE: NDJSON}) == [b'{"a":1}', b'{"b":2}']


def test_a_broken_line_leaves_the_lines_beside_it_alone() -> None:
    assert unpacked(b'{"a":1}\n{broken\n{"b":2}', {}) == [b'{"a":1}', b"{broken", b'{"b":2}']


def test_an_empty_message_holds_no_events() -> None:
    assert unpacked(b"") == []
    assert unpacked(zstandard.compress(b""), ZSTD_HEADERS) == []


@pytest.mark.parametrize("payload", [b"[", b'[{"a":1}', b"[1,,2]", b"[1] 2"])
def test_an_array_that_is_not_json_is_unreadable(payload: bytes) -> None:
    with pytest.raises(BatchUnreadable, match="not a JSON array"):
        unpack(payload, None)


def test_an_unknown_encoding_is_named() -> None:
    with pytest.raises(BatchUnreadable, match="'gzip'"):
        unpack(b"{}", {CONTENT_ENCODING: "gzip"})


@pytest.mark.parametrize("writes_size", [True, False])
def test_a_payload_cut_short_anywhere_is_unreadable(writes_size: bool) -> None:
    noise = random.Random(1).randbytes(2_000)
    payload = zstandard.ZstdCompressor(write_content_size=writes_size).compress(noise)
    for length in [*range(20), len(payload) // 2, len(payload) - 1]:
        with pytest.raises(BatchUnreadable):
            unpack(payload[:length], ZSTD_HEADERS)


@pytest.mark.parametrize("writes_size", [True, False])
def test_a_bomb_is_refused_whether_or_not_it_announces_its_size(writes_size: bool) -> None:
    bomb = zstandard.ZstdCompressor(write_content_size=writes_size).compress(bytes(PAYLOAD_BYTES_MAX + 1))
    assert len(bomb) < 10_000
    with pytest.raises(BatchUnreadable):
        unpack(bomb, ZSTD_HEADERS)


def test_bytes_after_the_compressed_frame_are_refused() -> None:
    with pytest.raises(BatchUnreadable):
        unpack(zstandard.compress(b"{}") + b"x", ZSTD_HEADERS)


@given(st.binary(max_size=300), st.sampled_from(["", "zstd", "identity", "br"]))
def test_any_bytes_are_taken_apart_or_called_unreadable(payload: bytes, encoding: str) -> None:
    with suppress(BatchUnreadable):
        unpack(payload, {CONTENT_ENCODING: encoding})
