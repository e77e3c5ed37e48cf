"""The door and its callers: everybody sends for their own payers, and learns nothing of others'."""

import pytest
from tests.integration.queue.conftest import DoorWorld, event, lines, opened_door

from fogbank.queue.door.tenancy import Senders
from fogbank.queue.subjects import node_of_subject
from fogbank.runtime.embedded import NatsServer

NOT_YOURS = "is no account that you may send readings for"


async def test_without_credentials_or_scope_nothing_is_read(door: DoorWorld) -> None:
    assert (await door.send(lines(event()), caller="nobody")).status_code == 401
    refused = await door.send(lines(event()), caller="reader")
    assert refused.status_code == 403
    assert refused.json()["scope"] == "usage:write"
    assert (await door.send(lines(event()), caller="writer")).status_code == 202


async def test_anothers_payer_and_one_that_never_was_are_wrong_in_the_same_words(door: DoorWorld) -> None:
    body = lines(
        event("one", org_id=None, user_id="user_ann"),
        event("two", org_id=None, user_id="user_bob"),
        event("three", org_id="org_of_bob"),
        event("four", org_id="org_that_never_was"),
        event("five", org_id="org_789012", user_id="user_bob"),
    )
    answer = await door.send(body, "application/x-ndjson")
    assert answer.status_code == 207
    assert answer.json()["errors"] == [
        {"ordinal": 1, "field": "user_id", "reason": NOT_YOURS},
        {"ordinal": 2, "field": "org_id", "reason": NOT_YOURS},
        {"ordinal": 3, "field": "org_id", "reason": NOT_YOURS},
    ]
    assert [each.instance_id for each in (await door.last_of("ann")).valid] == ["one", "five"]


async def test_a_body_for_others_only_stores_nothing(door: DoorWorld) -> None:
    answer = await door.send(lines(event()), caller="bob")
    assert (answer.status_code, answer.json()["accepted"]) == (422, 0)
    assert await door.messages() == 0


@pytest.mark.parametrize("org_id", ["org_seen", "org_paid"])
async def test_who_may_only_look_at_an_organisation_cannot_make_it_pay(door: DoorWorld, org_id: str) -> None:
    assert (await door.send(lines(event(org_id=org_id)))).status_code == 422


@pytest.mark.parametrize("caller", ["root", "importer"])
async def test_administrators_and_services_send_for_everybody(door: DoorWorld, caller: str) -> None:
    answer = await door.send(lines(event("one"), event("two", org_id="org_x")), "application/x-ndjson", caller)
    assert (answer.status_code, answer.json()["accepted"]) == (202, 2)


async def test_what_a_caller_sends_goes_under_their_own_name_whatever_it_claims(door: DoorWorld) -> None:
    await door.send(lines(event("one", node_id="node-of-others")))
    assert [each.node_id for each in (await door.last_of("ann")).valid] == ["node-of-others"]
    assert node_of_subject((await door.last_message()).subject or "") == "door:user_ann"


async def test_a_door_for_administrators_is_closed_to_everybody_else_but_our_services(nats: NatsServer) -> None:
    async with opened_door(nats, open_to=Senders.ADMINISTRATORS) as door:
        for caller, status in {"ann": 403, "writer": 403, "root": 202, "importer": 202}.items():
            assert (await door.send(lines(event()), caller=caller)).status_code == status
