"""The door: every form of a body, one verdict an event, and 202 only for what is on disk."""

import gzip
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
import zstandard
from tests.integration.queue.conftest import DoorWorld, event, lines

WRONG = {"period": {"start": "2023-07-15T14:30:00Z", "end": "2023-07-15T14:30:00Z"}}


def envelope(data: Any, **changes: Any) -> dict[str, Any]:
    return {"specversion": "1.0", "type": "resource_usage", "source": "/nodes/7", "id": "1", "data": data, **changes}


def encoded(value: Any) -> bytes:
    return msgspec.json.encode(value)


BINARY = {"ce_specversion": "1.0", "ce_type": "resource_usage", "ce_source": "/nodes/7", "ce_id": "1"}
PACKINGS: dict[str, Callable[[bytes], bytes]] = {
    "identity": bytes,
    "gzip": gzip.compress,
    "zstd": zstandard.compress,
}
TWO = [event("one"), event("two")]
FORMS: dict[str, tuple[bytes, str, dict[str, str], list[str]]] = {
    "one event": (encoded(event("one")), "application/json", {}, ["one"]),
    "one event over several lines": (
        msgspec.json.format(encoded(event("one"))),
        "application/json; charset=utf-8",
        {},
        ["one"],
    ),
    "an array": (encoded(TWO), "application/json", {}, ["one", "two"]),
    "lines": (lines(*TWO) + b"\n", "application/x-ndjson", {}, ["one", "two"]),
    "lines with blank ones": (b"\n" + lines(TWO[0]) + b"\n\n" + lines(TWO[1]), "application/jsonl", {}, ["one", "two"]),
    "a CloudEvent": (encoded(envelope(TWO[0])), "application/cloudevents+json", {}, ["one"]),
    "a CloudEvent in binary mode": (encoded(TWO[0]), "application/json", BINARY, ["one"]),
    "a batch of CloudEvents": (
        encoded([envelope(each) for each in TWO]),
        "application/cloudevents-batch+json",
        {},
        ["one", "two"],
    ),
}


@pytest.mark.parametrize("packing", PACKINGS)
@pytest.mark.parametrize("form", FORMS)
async def test_every_form_is_taken_and_reads_on_the_queue_as_the_same_events(
    door: DoorWorld, form: str, packing: str
) -> None:
    body, content_type, headers, ids = FORMS[form]
    answer = await door.send(PACKINGS[packing](body), content_type, content_encoding=packing, **headers)
    assert (answer.status_code, answer.json()) == (202, {"events": len(ids), "accepted": len(ids), "errors": []})
    stored = await door.last_of("ann")
    assert [each.instance_id for each in stored.valid] == ids
    assert not stored.wrong
    assert await door.messages() == 1


async def test_of_a_mixed_body_the_right_events_are_stored_and_each_wrong_one_is_named(door: DoorWorld) -> None:
    body = lines(event("one"), event("two", **WRONG), event("three", user_id="not an id"), event("four"))
    answer = await door.send(body, "application/x-ndjson")
    assert answer.status_code == 207
    assert answer.json() == {
        "events": 4,
        "accepted": 2,
        "errors": [
            {"ordinal": 1, "field": "period.end", "reason": "must be after period.start"},
            {"ordinal": 2, "field": "user_id", "reason": "must be 1 to 128 of letters, digits and _ . : -"},
        ],
    }
    stored = await door.last_of("ann")
    assert [each.instance_id for each in stored.valid] == ["one", "four"]
    assert not stored.wrong


async def test_in_an_envelope_the_field_is_named_within_it(door: DoorWorld) -> None:
    batch = [envelope(event("one")), envelope(event("two", **WRONG)), envelope(event("three"), id=""), envelope(None)]
    answer = await door.send(encoded(batch), "application/cloudevents-batch+json")
    assert answer.status_code == 207
    assert [(each["ordinal"], each["field"]) for each in answer.json()["errors"]] == [
        (1, "data.period.end"),
        (2, "id"),
        (3, "data"),
    ]


@pytest.mark.parametrize(
    ("headers", "field"),
    [
        ({**BINARY, "ce_specversion": "0.3"}, "ce-specversion"),
        ({**BINARY, "ce_type": "something"}, "ce-type"),
        ({"ce_specversion": "1.0", "ce_type": "resource_usage", "ce_source": "/nodes/7"}, "ce-id"),
    ],
)
async def test_in_binary_mode_a_wrong_attribute_is_named(door: DoorWorld, headers: dict[str, str], field: str) -> None:
    answer = await door.send(encoded(event("one")), **headers)
    assert answer.status_code == 422
    assert [each["field"] for each in answer.json()["errors"]] == [field]


async def test_a_body_without_a_right_event_is_a_problem_and_nothing_is_stored(door: DoorWorld) -> None:
    answer = await door.send(encoded([event("one", **WRONG), 7, {}]))
    assert answer.status_code == 422
    problem = answer.json()
    assert problem["type"] == "urn:fogbank:problem:no-valid-event"
    assert problem["accepted"] == 0
    assert [each["ordinal"] for each in problem["errors"]] == [0, 1, 2]
    assert problem["detail"].endswith("The first: period.end: must be after period.start.")
    assert await door.messages() == 0


async def test_the_same_body_again_is_answered_alike_and_kept_once(door: DoorWorld) -> None:
    for packing, body in (("identity", lines(*TWO)), ("identity", lines(*TWO)), ("gzip", gzip.compress(lines(*TWO)))):
        answer = await door.send(body, "application/x-ndjson", content_encoding=packing)
        assert answer.status_code == 202
    assert await door.messages() == 1


async def test_the_same_body_of_two_callers_is_two_messages(door: DoorWorld) -> None:
    for caller in ("ann", "writer"):
        assert (await door.send(lines(*TWO), "application/x-ndjson", caller)).status_code == 202
    assert await door.messages() == 2


@pytest.mark.parametrize(
    ("content_type", "packing", "status", "header"),
    [
        ("text/plain", "identity", 415, "accept"),
        ("application/x-www-form-urlencoded", "identity", 415, "accept"),
        ("", "identity", 415, "accept"),
        ("application/json", "br", 415, "accept-encoding"),
        ("application/json", "gzip, gzip", 415, "accept-encoding"),
    ],
)
async def test_a_form_that_is_not_known_is_answered_with_those_that_are(
    door: DoorWorld, content_type: str, packing: str, status: int, header: str
) -> None:
    answer = await door.send(encoded(event("one")), content_type, content_encoding=packing)
    assert answer.status_code == status
    assert header in answer.headers


@pytest.mark.parametrize(
    ("body", "packing"),
    [
        (b"", "identity"),
        (b"[]", "identity"),
        (b"[", "identity"),
        (b"not gzip", "gzip"),
        (gzip.compress(b"{}" * 1000, mtime=0)[:-9], "gzip"),
        (b"not zstd", "zstd"),
        (zstandard.compress(b"{}") + b"more", "zstd"),
        (zstandard.compress(b"{}" * 1000)[:-3], "zstd"),
    ],
)
async def test_a_body_that_cannot_be_taken_apart_is_a_problem(door: DoorWorld, body: bytes, packing: str) -> None:
    answer = await door.send(body, content_encoding=packing)
    assert answer.status_code == 422
    assert answer.json()["type"] == "urn:fogbank:problem:body-unreadable"
    assert await door.messages() == 0


async def test_the_api_describes_the_door_and_the_answers_it_gives(door: DoorWorld) -> None:
    document = (await door.http.get("/api/v1/openapi.json")).json()
    assert document["openapi"].startswith("3.1.")
    operation = document["paths"]["/api/v1/events"]["post"]
    assert {"202", "207", "401", "403", "413", "415", "422", "429", "503"} <= operation["responses"].keys()
    for content_type, content in operation["requestBody"]["content"].items():
        example = content["example"]
        body = example.encode() if isinstance(example, str) else encoded(example)
        assert (await door.send(body, content_type)).status_code == 202


async def test_what_came_is_counted(door: DoorWorld) -> None:
    before = (await door.http.get("/metrics")).text
    await door.send(lines(event("one"), event("two", **WRONG)), "application/x-ndjson")
    after = (await door.http.get("/metrics")).text
    for name in ('fogbank_door_events_total{verdict="accepted"}', 'fogbank_door_events_total{verdict="wrong"}'):
        assert _figure(after, name) - _figure(before, name) == 1


def _figure(text: str, name: str) -> float:
    return next((float(line.rpartition(" ")[2]) for line in text.splitlines() if line.startswith(name)), 0.0)
