"""The door: every form of a body, one verdict an event, and 202 only for what is on disk."""

import gzip
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


@pytest.mark.parametrize("packing", ["identity", "gzip", "zstd"])
@pytest.mark.parametrize("form", FORMS)
async def test_every_form_is_taken_and_reads_on_the_queue_as_the_same_events(
    door: DoorWorld, form: str, packing: str
) -> None:
    body, content_type, headers, ids = FORMS[form]
    packed = {"identity": bytes, "gzip": gzip.compress, "zstd": zstandard.compress}[packing](body)
    answer = await door.send(packed, content_type, content_encoding=packing, **headers)
    assert (answer.status_code, answer.json()) == (202, {"events": len(ids), "accepted": len(ids), "errors": []})
    stored = await door.last_of("ann")
    assert [each.instance_id for each in stored.valid] == ids
    assert not stored.wrong
    assert await door.messages() == 1
