"""The schema registry over HTTP: open to everybody, every schema where the list says, and the queue described."""

from tests.integration.queue.conftest import DoorWorld

from fogbank.events.schemas.registry import published
from fogbank.queue.asyncapi import asyncapi_document


async def test_every_schema_is_where_the_list_says_and_needs_no_key(door: DoorWorld) -> None:
    listed = (await door.http.get("/api/v1/schemas")).json()
    assert [(each["type"], each["version"]) for each in listed] == [(each.type, each.version) for each in published()]
    for entry, each in zip(listed, published(), strict=True):
        answer = await door.http.get(entry["path"])
        assert answer.headers["content-type"] == "application/schema+json"
        assert answer.json() == each.schema
        assert answer.json()["$id"] == entry["id"]


async def test_a_schema_that_is_not_there_is_answered_with_those_that_are(door: DoorWorld) -> None:
    answer = await door.http.get("/api/v1/schemas/resource_usage/9.9")
    assert answer.status_code == 404
    assert "resource_usage 1.0" in answer.json()["detail"]


async def test_the_queue_is_described(door: DoorWorld) -> None:
    answer = await door.http.get("/api/v1/schemas/asyncapi.json")
    assert answer.status_code == 200
    assert answer.json() == asyncapi_document()
