"""Reading a body: every form has one meaning, and what the door accepts usage reads as the same events."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fogbank.events.reading import read_events
from fogbank.events.schemas.registry import USAGE_EXAMPLE
from fogbank.queue.door.errors import BodyTooLarge, BodyUnreadable
from fogbank.queue.door.forms import Form
from fogbank.queue.door.nodes import is_of_door, node_of
from fogbank.queue.door.packing import message_of
from fogbank.queue.door.reading import BodyEvents, read_body
from fogbank.queue.door.tenancy import NOT_YOURS, may_send_for, only_own
from fogbank.runtime.auth import Caller, CallerKind

NOW_US = 1_767_225_600_000_000
ANN = Caller("user_ann", CallerKind.USER, {"org_789012": "member", "org_seen": "viewer"})

CHANGES: list[dict[str, Any]] = [
    {},
    {"instance_id": "other", "sequence": 7},
    {"org_id": None, "user_id": "user_ann"},
    {"org_id": None, "user_id": "user_bob"},
    {"org_id": "org_seen"},
    {"unknown": {"kept": "out"}},
    {"user_id": ""},
    {"metrics": {}},
    {"period": {"start": 1, "end": 1}},
    {"period": {"start": "2026-01-01T00:04:00Z", "end": "2026-01-01T00:05:01Z"}},
]
events = st.lists(st.sampled_from(CHANGES).map(lambda change: {**USAGE_EXAMPLE, **change}), min_size=1, max_size=6)


def envelope(event: dict[str, Any]) -> dict[str, Any]:
    return {"specversion": "1.0", "type": "resource_usage", "source": "/a", "id": "1", "data": event}


def ndjson(events: list[dict[str, Any]]) -> bytes:
    return b"\n".join(map(msgspec.json.encode, events))


WRITERS: dict[Form, Callable[[list[dict[str, Any]]], bytes]] = {
    Form.JSON: msgspec.json.encode,
    Form.NDJSON: ndjson,
    Form.CLOUD_EVENTS: lambda events: msgspec.json.encode([envelope(each) for each in events]),
}


def read(events: list[dict[str, Any]], form: Form) -> BodyEvents:
    return read_body(WRITERS[form](events), form, {}, NOW_US, 100)


@given(events)
def test_every_form_has_the_same_meaning(events: list[dict[str, Any]]) -> None:
    as_lines, as_array, as_batch = (read(events, form) for form in WRITERS)
    assert as_lines.valid == as_array.valid == as_batch.valid
    assert as_lines.ordinals == as_array.ordinals == as_batch.ordinals
    assert as_lines.wrong == as_array.wrong
    assert [(each.ordinal, f"data.{each.field}") for each in as_array.wrong] == [
        (each.ordinal, each.field) for each in as_batch.wrong
    ]


@given(events, st.sampled_from(list(WRITERS)))
def test_what_goes_to_the_queue_reads_there_as_just_the_accepted_events(
    events: list[dict[str, Any]], form: Form
) -> None:
    accepted = only_own(read(events, form), ANN)
    message = message_of(accepted, node_of(ANN.id), None)
    stored = read_events(message.payload, message.headers, NOW_US)
    assert stored.valid == accepted.valid
    assert not stored.wrong


@given(events, st.sampled_from(list(WRITERS)))
def test_every_event_gets_one_verdict_in_order(events: list[dict[str, Any]], form: Form) -> None:
    judged = only_own(read(events, form), ANN)
    wrong = [each.ordinal for each in judged.wrong]
    assert wrong == sorted(wrong)
    assert sorted(judged.ordinals + wrong) == list(range(len(events)))
    assert all(may_send_for(ANN, event.org_id or event.user_id) for event in judged.valid)


def test_a_foreign_payer_is_wrong_and_nothing_tells_whether_it_exists() -> None:
    judged = only_own(read([{**USAGE_EXAMPLE, "org_id": "org_of_others"}], Form.JSON), ANN)
    assert [(each.field, each.reason) for each in judged.wrong] == [("org_id", NOT_YOURS)]


def test_the_same_body_of_the_same_caller_has_the_same_id() -> None:
    body = read([USAGE_EXAMPLE], Form.NDJSON)
    first, again, of_bob = (message_of(body, node, None) for node in ("door:ann", "door:ann", "door:bob"))
    assert first == again
    assert first.headers["Nats-Msg-Id"] != of_bob.headers["Nats-Msg-Id"]


def test_a_callers_node_is_a_name_that_the_queue_takes() -> None:
    assert node_of("user_ann") == "door:user_ann"
    assert len(node_of("x" * 128)) <= 128
    assert is_of_door(node_of("user_ann"))
    assert not is_of_door("node_1")


def test_more_events_than_allowed_or_none_are_refused() -> None:
    with pytest.raises(BodyTooLarge, match="holds 3 events; send at most 2"):
        read_body(ndjson([USAGE_EXAMPLE] * 3), Form.NDJSON, {}, NOW_US, 2)
    with pytest.raises(BodyUnreadable, match="holds no event"):
        read_body(b" [] ", Form.JSON, {}, NOW_US, 2)


@pytest.mark.parametrize("text", [b"[" + b"1," * 1000 + b"1]", b"1\n" * 1000])
def test_a_body_of_nothing_but_separators_is_refused_before_it_is_taken_apart(text: bytes) -> None:
    with pytest.raises(BodyTooLarge, match="far more"):
        read_body(text, Form.JSON, {}, NOW_US, 10)
