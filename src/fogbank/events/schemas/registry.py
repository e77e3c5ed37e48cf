"""What is published: each type of event in each of its versions, with an example. Pure.

A version that was published stays: what it accepted once it accepts for ever (`compatibility`). What cannot be said
within that is a new version beside the old one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fogbank.events.schemas.documents import DIALECT, Schema, schema_of
from fogbank.events.signals import (
    STANDING_DATA,
    STANDING_SIGNALS,
    THRESHOLD_DATA,
    THRESHOLD_SIGNALS,
    Signal,
    SignalType,
)
from fogbank.events.usage_event import (
    AHEAD_MAX_US,
    ID_CHARACTERS_MAX,
    INSTANT_MAX_US,
    PERIOD_MAX_US,
    TIME_CHARACTERS_MAX,
    UsageEvent,
)
from fogbank.kernel.ids import ID_PATTERN

USAGE_EVENT = "resource_usage"
VERSION = "1.0"
MICROSECONDS = 1_000_000


@dataclass(frozen=True, slots=True)
class Published:
    """A type of event in one of its versions."""

    type: str
    version: str
    title: str
    schema: Schema

    @property
    def name(self) -> str:
        return f"{self.type}-{self.version}"


USAGE_EXAMPLE: dict[str, Any] = {
    "event_type": "resource_usage",
    "version": "1.0",
    "timestamp": "2023-07-15T14:30:00Z",
    "user_id": "user_123456",
    "org_id": "org_789012",
    "instance_id": "instance_abcdef",
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
    "period": {"start": "2023-07-15T14:29:30Z", "end": "2023-07-15T14:30:00Z"},
}

_ID: Schema = {
    "type": "string",
    "minLength": 1,
    "maxLength": ID_CHARACTERS_MAX,
    "pattern": f"^{ID_PATTERN.pattern}$",
}
_SECONDS: Schema = {
    "type": "number",
    "minimum": 0,
    "maximum": INSTANT_MAX_US // MICROSECONDS,
    "description": "Unix seconds, which older nodes send.",
}
_INSTANT: Schema = {
    "anyOf": [
        {"type": "string", "format": "date-time", "maxLength": TIME_CHARACTERS_MAX, "description": "RFC 3339, UTC."},
        _SECONDS,
    ]
}

THRESHOLD_DATA_EXAMPLE = {
    "threshold_id": "threshold_5f0c",
    "resource_type": "storage",
    "threshold_type": "absolute",
    "threshold_value": "500",
    "units": "GB",
    "action": "notify",
    "value": "512.4",
    "user_id": "user_123456",
    "org_id": "",
    "instance_id": "",
    "node_id": "",
    "notification_channels": "email,api_callback",
    "at": "2023-07-15T14:30:00Z",
    "more": "0",
}

STANDING_DATA_EXAMPLE = {"kind": "organization", "before": "active", "change": "7"}


def _or_null(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


USAGE_RULES: dict[str, Schema] = {
    "timestamp": {**_INSTANT, "description": "When the reading was taken."},
    "user_id": {**_ID, "description": "Whose instance it is. Pays, where `org_id` names nobody."},
    "org_id": {**_or_null(_ID), "description": "The organisation that pays."},
    "instance_id": {**_ID, "description": "With `period.start`, the reading's identity: the first accepted one wins."},
    "node_id": {**_or_null(_ID), "description": "The node that measured it, as it says itself."},
    "sequence": {"description": "Counts the instance's readings without a gap, so that a missing one is seen."},
    "period": {
        "description": (
            "The half-open span that the metrics cover. It ends after it starts, at most "
            f"{PERIOD_MAX_US // MICROSECONDS} seconds later, and at most {AHEAD_MAX_US // MICROSECONDS} seconds after "
            "it is received."
        )
    },
    "period.start": _INSTANT,
    "period.end": _INSTANT,
}


def published() -> Sequence[Published]:
    """Everything that is published, usage first."""
    usage = schema_of(UsageEvent, USAGE_RULES)
    return [
        _published(USAGE_EVENT, "Usage event", usage, USAGE_EXAMPLE),
        *(_signal(each) for each in sorted(SignalType)),
    ]


def _signal(kind: SignalType) -> Published:
    said, data_example = _said_by(kind)
    example = {
        "type": str(kind),
        "version": VERSION,
        "id": f"{kind}:org_789012:1",
        "occurred_at": "2023-07-15T14:30:00Z",
        "account_id": "org_789012",
        "data": data_example,
    }
    rules: dict[str, Schema] = {
        "type": {"enum": [str(kind)], "description": f"Also the end of its subject, `signals.v1.{kind}`."},
        "version": {"enum": [VERSION]},
        "id": {"description": "The same for the same fact, however often it is told."},
        "occurred_at": {"format": "date-time", "description": "RFC 3339, UTC."},
        "account_id": {"description": "The payer that it is about."},
        "data": {"description": "What more there is to know; amounts are decimal strings."},
    }
    if said is not None:
        rules["data"] = said
    title = f"Signal {kind}"
    return _published(str(kind), title, schema_of(Signal, rules), example)


def _said_by(kind: SignalType) -> tuple[Schema | None, dict[str, str]]:
    """What `data` of that type of signal always says, if that is fixed, and an example of it."""
    if kind in THRESHOLD_SIGNALS:
        return _data("What was crossed, and by how much.", THRESHOLD_DATA), THRESHOLD_DATA_EXAMPLE
    if kind in STANDING_SIGNALS:
        return _data("What the account is, and what it was before.", STANDING_DATA), STANDING_DATA_EXAMPLE
    return None, {}


def _data(about: str, keys: dict[str, str]) -> Schema:
    properties = {name: {"type": "string", "description": text} for name, text in keys.items()}
    return {"description": about, "properties": properties, "required": [*properties]}


def _published(kind: str, title: str, schema: Schema, example: dict[str, Any]) -> Published:
    head = {"$schema": DIALECT, "$id": f"urn:fogbank:schema:{kind}:{VERSION}"}
    return Published(kind, VERSION, title, {**head, **schema, "title": title, "examples": [example]})
