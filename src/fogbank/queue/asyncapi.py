"""The queue as an AsyncAPI 3.0 document: its subjects, what travels on them, and their headers. Pure."""

from typing import Any

from fogbank.events.batch import CONTENT_ENCODING, CONTENT_TYPE, MESSAGE_ID, NDJSON, NODE, PAYLOAD_BYTES_MAX
from fogbank.events.node_configuration import NodeConfiguration
from fogbank.events.reading import EVENTS_PER_MESSAGE_MAX
from fogbank.events.schemas.documents import schema_of
from fogbank.events.schemas.registry import USAGE_EVENT, Published, published
from fogbank.events.signing import SIGNATURE, SIGNATURE_KEY
from fogbank.queue.client import QUARANTINED_FIELD, QUARANTINED_FROM, QUARANTINED_REASON
from fogbank.queue.subjects import node_configuration_subject, quarantine_subject, usage_subject

Document = dict[str, Any]

NODE_PARAMETER = {"node_id": {"description": "The node's id, its dots as `=2E`: a dot would start another token."}}
USAGE, QUARANTINE, NODES = "usage", "quarantine", "nodes"
JSON_SCHEMA = "application/schema+json;version=draft-2020-12"


def asyncapi_document() -> Document:
    """The whole document. Operations are as the usage service sees them: it receives readings, and quarantines."""
    everything = published()
    signals = [each for each in everything if each.type != USAGE_EVENT]
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Fogbank's queue",
            "version": "1",
            "description": "Readings and signals over NATS JetStream: durable, at least once.",
        },
        "defaultContentType": "application/json",
        "channels": {
            USAGE: _usage_channel(),
            QUARANTINE: _quarantine_channel(),
            NODES: _nodes_channel(),
            **_channels_of(signals),
        },
        "operations": {
            "receiveUsage": _operation("receive", USAGE),
            "sendQuarantined": _operation("send", QUARANTINE),
            "sendConfiguration": _operation("send", NODES),
            **{f"send.{each.type}": _operation("send", each.type) for each in signals},
        },
        "components": {
            "messages": {
                USAGE: _usage_message(),
                QUARANTINE: _quarantine_message(),
                NODES: _nodes_message(),
                **_messages_of(signals),
            },
            "schemas": {each.name: _multi_format(each) for each in everything},
        },
    }


def _usage_channel() -> Document:
    return {
        "address": usage_subject("{node_id}"),
        "description": (
            "A node's readings, on stream USAGE. A node may publish under its own subject only; what comes by "
            "`POST /api/v1/events` is under the node `door:` and its caller's id."
        ),
        "parameters": NODE_PARAMETER,
        "messages": {USAGE: _reference("messages", USAGE)},
        "bindings": {"nats": {}},
    }


def _quarantine_channel() -> Document:
    return {
        "address": quarantine_subject("{node_id}"),
        "description": "What a node sent and was not valid, on stream QUARANTINE.",
        "parameters": NODE_PARAMETER,
        "messages": {QUARANTINE: _reference("messages", QUARANTINE)},
        "bindings": {"nats": {}},
    }


def _nodes_channel() -> Document:
    return {
        "address": node_configuration_subject("{node_id}"),
        "description": (
            "What a node is told, on stream NODES: the last message of each subject. A node may ask for that of its "
            "own subject only."
        ),
        "parameters": NODE_PARAMETER,
        "messages": {NODES: _reference("messages", NODES)},
        "bindings": {"nats": {}},
    }


def _channels_of(signals: list[Published]) -> Document:
    return {
        each.type: {
            "address": f"signals.v1.{each.type}",
            "description": "On stream SIGNALS.",
            "messages": {each.type: _reference("messages", each.type)},
            "bindings": {"nats": {}},
        }
        for each in signals
    }


def _operation(action: str, channel: str) -> Document:
    return {
        "action": action,
        "channel": {"$ref": f"#/channels/{channel}"},
        "messages": [{"$ref": f"#/channels/{channel}/messages/{channel}"}],
        "bindings": {"nats": {"bindingVersion": "0.1.0"}},
    }


def _usage_message() -> Document:
    return {
        "title": "A batch of readings",
        "description": (
            "NDJSON of usage events, a JSON array, or one event; the payload's schema is that of one event. At most "
            f"{EVENTS_PER_MESSAGE_MAX} events and {PAYLOAD_BYTES_MAX} bytes unpacked."
        ),
        "contentType": NDJSON,
        "headers": _headers(
            {
                MESSAGE_ID: "The same for the same batch, so that a repeat is dropped within minutes.",
                CONTENT_TYPE: f"`{NDJSON}`, or `application/json`.",
                CONTENT_ENCODING: "`zstd`, or none.",
                NODE: "The node, as in the subject. Only the subject is believed.",
                SIGNATURE: "Ed25519 over the payload's SHA-256, in base64. A registered node signs what it sends.",
                SIGNATURE_KEY: "Which of the node's keys signed it.",
            }
        ),
        "payload": _reference("schemas", f"{USAGE_EVENT}-1.0"),
        "bindings": {"nats": {}},
    }


def _quarantine_message() -> Document:
    return {
        "title": "What was not valid",
        "description": "The event's own bytes; the whole payload with its own headers, where it held no events.",
        "contentType": "application/octet-stream",
        "headers": _headers(
            {
                MESSAGE_ID: "The place it came from, so that it is set aside once.",
                NODE: "The node that sent it.",
                QUARANTINED_FIELD: "The field that is wrong.",
                QUARANTINED_REASON: "Why.",
                QUARANTINED_FROM: "The message's sequence on USAGE, and the event's place in it.",
            }
        ),
        "bindings": {"nats": {}},
    }


def _nodes_message() -> Document:
    return {
        "title": "A node's configuration",
        "description": "What runs on the node, whose it is, and which thresholds concern it, for the agent there.",
        "payload": {"schemaFormat": JSON_SCHEMA, "schema": schema_of(NodeConfiguration, {})},
        "bindings": {"nats": {}},
    }


def _messages_of(signals: list[Published]) -> Document:
    return {
        each.type: {
            "title": each.title,
            "headers": _headers({MESSAGE_ID: "The signal's `id`."}),
            "payload": _reference("schemas", each.name),
            "bindings": {"nats": {}},
        }
        for each in signals
    }


def _headers(described: dict[str, str]) -> Document:
    properties = {name: {"type": "string", "description": text} for name, text in described.items()}
    return {"type": "object", "properties": properties}


def _multi_format(each: Published) -> Document:
    return {"schemaFormat": JSON_SCHEMA, "schema": each.schema}


def _reference(kind: str, name: str) -> Document:
    return {"$ref": f"#/components/{kind}/{name}"}
