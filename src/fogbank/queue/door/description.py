"""How the API's description tells of the door: the forms of a body with an example each, and the answers."""

import json
from typing import Any

import msgspec

from fogbank.events.schemas.documents import Schema, inlined
from fogbank.events.schemas.registry import USAGE_EXAMPLE, published
from fogbank.queue.door.cloudevents import CloudEvent
from fogbank.runtime.http.problems import problem_responses

SUMMARY = "Send usage events"
ALL, SOME = 202, 207

WRONG_EXAMPLE = {"ordinal": 1, "field": "period.end", "reason": "must be after period.start"}
VERDICT: Schema = {
    "type": "object",
    "required": ["events", "accepted", "errors"],
    "properties": {
        "events": {"type": "integer", "description": "How many events the body held."},
        "accepted": {"type": "integer", "description": "How many of them are on disk."},
        "errors": {
            "type": "array",
            "description": "Each event that is not, by its place in the body from 0.",
            "items": {
                "type": "object",
                "required": ["ordinal", "field", "reason"],
                "properties": {
                    "ordinal": {"type": "integer"},
                    "field": {"type": "string"},
                    "reason": {"type": "string"},
                },
            },
        },
    },
}
ENVELOPE_EXAMPLE = {
    "specversion": "1.0",
    "type": "resource_usage",
    "source": "/nodes/7",
    "id": "instance_abcdef/1689431370",
    "datacontenttype": "application/json",
    "data": USAGE_EXAMPLE,
}


def _envelope() -> Schema:
    described = msgspec.json.schema(CloudEvent)
    envelope: Schema = inlined(described, described["$defs"])
    envelope["properties"]["data"] = _event()
    return envelope


def _event() -> Schema:
    """The usage event without what only a document of its own has."""
    return {name: value for name, value in published()[0].schema.items() if not name.startswith("$")}


def _list_of(items: Schema) -> Schema:
    return {"type": "array", "minItems": 1, "items": items}


def _content() -> dict[str, Any]:
    event, envelope = _event(), _envelope()
    lines = "\n".join([json.dumps(USAGE_EXAMPLE)] * 2)
    return {
        "application/json": {"schema": {"anyOf": [event, _list_of(event)]}, "example": USAGE_EXAMPLE},
        "application/x-ndjson": {
            "schema": {"type": "string", "description": "One event a line."},
            "example": lines,
        },
        "application/cloudevents+json": {"schema": envelope, "example": ENVELOPE_EXAMPLE},
        "application/cloudevents-batch+json": {"schema": _list_of(envelope), "example": [ENVELOPE_EXAMPLE]},
    }


REQUEST: dict[str, Any] = {"requestBody": {"required": True, "content": _content()}}


def _answer(description: str, example: dict[str, Any]) -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"schema": VERDICT, "example": example}}}


ANSWERS: dict[int | str, dict[str, Any]] = {
    ALL: _answer("Every event is on disk.", {"events": 2, "accepted": 2, "errors": []}),
    SOME: _answer("Some are on disk, the others are named.", {"events": 2, "accepted": 1, "errors": [WRONG_EXAMPLE]}),
    **problem_responses(401, 403, 413, 415, 422, 429, 503),
}
