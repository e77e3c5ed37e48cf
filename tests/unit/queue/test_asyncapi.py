"""The queue's AsyncAPI document: whole, at one with the subjects, and as published."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fogbank.events.schemas.registry import published
from fogbank.events.signals import SignalType
from fogbank.queue.asyncapi import asyncapi_document
from fogbank.queue.subjects import node_configuration_subject, quarantine_subject, signal_subject, usage_subject

DOCUMENT = asyncapi_document()


def references(node: Any) -> Iterator[str]:
    """Every reference in a document."""
    if isinstance(node, dict):
        for name, value in node.items():
            if name == "$ref":
                yield value
            else:
                yield from references(value)
    elif isinstance(node, list):
        for each in node:
            yield from references(each)


def found(reference: str) -> Any:
    node: Any = DOCUMENT
    for name in reference.removeprefix("#/").split("/"):
        node = node[name]
    return node


def test_it_is_its_golden_file(golden_files: Path, request: pytest.FixtureRequest) -> None:
    path = golden_files / "schemas" / "asyncapi.json"
    if request.config.getoption("--update-golden"):
        path.write_text(json.dumps(DOCUMENT, indent=2) + "\n")
    assert json.loads(path.read_text()) == DOCUMENT, "`make golden` writes it anew"


def test_every_reference_leads_somewhere() -> None:
    assert DOCUMENT["asyncapi"] == "3.0.0"
    assert all(found(reference) for reference in references(DOCUMENT))


def test_its_addresses_are_the_subjects() -> None:
    addresses = {channel["address"] for channel in DOCUMENT["channels"].values()}
    assert addresses == {
        usage_subject("{node_id}"),
        quarantine_subject("{node_id}"),
        node_configuration_subject("{node_id}"),
        *(signal_subject(each) for each in SignalType),
    }


def test_what_has_a_parameter_in_its_address_describes_it_and_nothing_else_does() -> None:
    for channel in DOCUMENT["channels"].values():
        assert ("{node_id}" in channel["address"]) == ("node_id" in channel.get("parameters", {}))


def test_every_operation_names_messages_of_its_own_channel() -> None:
    for operation in DOCUMENT["operations"].values():
        assert operation["action"] in {"send", "receive"}
        for message in operation["messages"]:
            assert message["$ref"].startswith(operation["channel"]["$ref"] + "/messages/")


def test_payloads_are_the_published_schemas() -> None:
    schemas = {name: each["schema"] for name, each in DOCUMENT["components"]["schemas"].items()}
    assert schemas == {each.name: each.schema for each in published()}
