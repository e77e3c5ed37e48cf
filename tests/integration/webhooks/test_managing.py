"""Who may have which webhooks, what is refused, and that a secret is told once."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks import Webhook as Verifier
from tests.integration.webhooks.conftest import PATH, SETTINGS, World

from fogbank.runtime.entropy import system_entropy
from fogbank.runtime.sealing import FILE_NAME, SealingKeys, new_keys

URL = "https://hooks.example.com/fogbank"
WISH = {"url": URL, "event_types": ["threshold_violation", "metrics"]}


async def test_a_webhook_is_its_makers_and_its_secret_is_shown_once(world: World) -> None:
    answer = await world.ask("ann", "POST", json={**WISH, "description": " Alarms "})
    assert answer.status_code == 201
    created = answer.json()
    assert created["secret"].startswith("whsec_")
    webhook = created["webhook"]
    assert webhook["account_id"] == webhook["user_id"] == "user_ann"
    assert webhook["event_types"] == ["metrics", "threshold_violation"]
    assert (webhook["url"], webhook["description"], webhook["is_enabled"]) == (URL, "Alarms", True)
    again = await world.ask("ann", "GET", f"/{webhook['id']}")
    assert again.json() == webhook
    assert "whsec" not in again.text
    assert "whsec" not in (await world.ask("ann", "GET")).text


async def test_secrets_are_not_in_the_database_as_they_are(world: World) -> None:
    made = await world.webhook()
    async with world.database.connection() as connection:
        rows = await (await connection.execute("SELECT sealed FROM notifications.webhook_secrets")).fetchall()
    assert all(made["secret"].encode() not in bytes(row[0]) for row in rows)


async def test_owners_and_admins_share_their_organisations_webhooks_and_members_do_not_see_them(world: World) -> None:
    made = await world.webhook(org_id="org_fog")
    assert made["account_id"] == made["org_id"] == "org_fog"
    for who, status in {"ann": 200, "bob": 200, "may": 403, "eve": 404, "root": 200, "portal": 200}.items():
        assert (await world.ask(who, "GET", f"/{made['id']}")).status_code == status, who
        assert (await world.ask(who, "GET", f"/{made['id']}/deliveries")).status_code == status, who
        assert (await world.ask(who, "GET", params={"account_id": "org_fog"})).status_code == status, who


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "", None),
        ("PATCH", "", {"is_enabled": False}),
        ("DELETE", "", None),
        ("POST", "/secret", None),
        ("POST", "/test", None),
        ("GET", "/deliveries", None),
        ("GET", "/deliveries/msg_1", None),
        ("POST", "/deliveries/msg_1/replay", None),
    ],
)
async def test_somebody_elses_webhook_is_as_one_that_does_not_exist(
    world: World, method: str, path: str, body: dict[str, Any] | None
) -> None:
    made = await world.webhook()
    theirs = await world.ask("eve", method, f"/{made['id']}{path}", json=body)
    missing = await world.ask("eve", method, f"/webhook_0000{path}", json=body)
    assert theirs.status_code == missing.status_code == 404
    assert theirs.json()["detail"].replace(made["id"], "") == missing.json()["detail"].replace("webhook_0000", "")


async def test_nobody_makes_webhooks_for_somebody_else_or_beyond_their_role(world: World) -> None:
    for who, of, status in [
        ("eve", {"user_id": "user_ann"}, 404),
        ("eve", {"org_id": "org_fog"}, 404),
        ("ann", {"org_id": "org_sea"}, 403),
        ("ann", {"org_id": "org_fog", "user_id": "user_ann"}, 422),
        ("portal", {}, 422),
        ("reader", {}, 403),
        ("nobody", {}, 401),
    ]:
        assert (await world.ask(who, "POST", json={**WISH, **of})).status_code == status, (who, of)


async def test_a_list_has_what_its_reader_manages_by_pages(world: World) -> None:
    own = [(await world.webhook())["id"] for _ in range(3)]
    shared = (await world.webhook(org_id="org_fog"))["id"]
    other = (await world.webhook(who="eve"))["id"]
    found: list[str] = []
    after: str | None = ""
    while after is not None:
        page = (await world.ask("ann", "GET", params={"limit": 2, "after": after})).json()
        found += [webhook["id"] for webhook in page["webhooks"]]
        after = page["next_cursor"]
    assert found == sorted([*own, shared])
    assert [each["id"] for each in (await world.ask("bob", "GET")).json()["webhooks"]] == [shared]
    everything = (await world.ask("root", "GET")).json()["webhooks"]
    assert {each["id"] for each in everything} == {*own, shared, other}


async def test_an_administrator_gives_a_reason_which_is_written_down_before_the_act(world: World) -> None:
    made = await world.webhook()
    refused = await world.ask("root", "PATCH", f"/{made['id']}", json={"is_enabled": False})
    assert refused.status_code == 422
    assert refused.json()["errors"] == [
        {"field": "reason", "reason": "is missing: an act for somebody else's account takes one"}
    ]
    done = await world.ask("root", "PATCH", f"/{made['id']}", json={"is_enabled": False, "reason": "floods a friend"})
    assert done.json()["disabled_because"] == "asked"
    assert (await world.ask("root", "DELETE", f"/{made['id']}", params={"reason": "they asked"})).status_code == 204
    activities = (await world.accounts.activity(subject=f"webhooks/{made['id']}")).activities
    assert [(each.action, each.reason, each.actor_id) for each in activities] == [
        ("webhook.delete", "they asked", "user_root"),
        ("webhook.change", "floods a friend", "user_root"),
    ]


async def test_an_account_has_so_many_webhooks_and_no_more(world: World) -> None:
    for _ in range(SETTINGS.per_account_max):
        await world.webhook()
    refused = await world.ask("ann", "POST", json=WISH)
    assert (refused.status_code, refused.json()["webhooks_max"]) == (409, SETTINGS.per_account_max)
    assert (await world.ask("ann", "POST", json={**WISH, "org_id": "org_fog"})).status_code == 201


async def test_the_same_key_is_the_same_webhook_with_the_same_answer(world: World) -> None:
    headers = {"idempotency-key": "first"}
    first = await world.ask("ann", "POST", json=WISH, headers=headers)
    again = await world.ask("ann", "POST", json=WISH, headers=headers)
    assert again.json() == first.json()
    other = await world.ask("ann", "POST", json={**WISH, "description": "x"}, headers=headers)
    assert other.status_code == 409
    assert (await world.ask("eve", "POST", json=WISH, headers=headers)).json() != first.json()
    await world.ask("ann", "POST", f"/{first.json()['webhook']['id']}/secret", params={"overlap_seconds": 0})
    assert (await world.ask("ann", "POST", json=WISH, headers=headers)).status_code == 409


async def test_nobody_but_who_made_it_is_shown_a_secret_by_its_key(world: World) -> None:
    """An administrator would be, without a reason and without a line in the activity log."""
    headers, wish = {"idempotency-key": "first"}, {**WISH, "org_id": "org_fog"}
    assert (await world.ask("ann", "POST", json=wish, headers=headers)).status_code == 201
    for other in ("bob", "root"):
        refused = await world.ask(other, "POST", json=wish, headers=headers)
        assert (refused.status_code, "whsec" in refused.text) == (409, False)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("ftp://example.com/", "must begin with https:// or http://"),
        ("https://user:pass@example.com/", "must not carry a user name or password"),
        ("https://169.254.169.254/latest", "must be at a public address, which 169.254.169.254 is not"),
        ("https://[::ffff:10.0.0.1]/", "must be at a public address, which ::ffff:a00:1 is not"),
        ("https://[64:ff9b::7f00:1]/", "must be at a public address, which 64:ff9b::7f00:1 is not"),
    ],
)
async def test_a_url_that_nothing_is_sent_to_is_refused_at_once(world: World, url: str, reason: str) -> None:
    refused = await world.ask("ann", "POST", json={**WISH, "url": url})
    assert refused.status_code == 422
    assert refused.json()["errors"] == [{"field": "url", "reason": reason}]
    made = await world.webhook()
    assert (await world.ask("ann", "PATCH", f"/{made['id']}", json={"url": url})).status_code == 422


@pytest.mark.parametrize("event_types", [[], ["weather"], ["test"], ["webhook_disabled"], "metrics"])
async def test_event_types_are_those_there_are(world: World, event_types: object) -> None:
    assert (await world.ask("ann", "POST", json={**WISH, "event_types": event_types})).status_code == 422


async def test_what_is_changed_is_changed_and_the_rest_stays(world: World) -> None:
    made = await world.webhook(description="Alarms")
    changed = await world.ask("ann", "PATCH", f"/{made['id']}", json={"event_types": ["metrics", "balance_low"]})
    assert changed.json()["event_types"] == ["balance_low", "metrics"]
    assert changed.json()["description"] == "Alarms"
    assert changed.json()["url"] == made["url"]


async def test_a_deleted_webhook_is_gone_with_its_log(world: World) -> None:
    made = await world.webhook()
    await world.tell()
    assert (await world.ask("ann", "DELETE", f"/{made['id']}")).status_code == 204
    assert (await world.ask("ann", "GET", f"/{made['id']}")).status_code == 404
    assert await world.send_due() == 0


async def test_a_lost_sealing_key_is_said_and_serves_again_once_it_is_back(world: World, tmp_path: Path) -> None:
    made = await world.webhook()
    file = tmp_path / FILE_NAME
    first = file.read_text()
    file.write_text(new_keys(system_entropy))
    object.__setattr__(world.sending, "keys", SealingKeys.of(tmp_path, system_entropy))
    await world.tell()
    await world.send_due()
    [delivery] = await world.deliveries(made["id"])
    assert delivery["attempts"][0]["detail"] == "The secret that signs this is lost on our side; make a new one."
    file.write_text(first)
    world.clock.forward(timedelta(minutes=1))
    assert await world.send_due() == 1
    [request] = world.receiver.received
    signed = Verifier(made["secret"]).sign(delivery["id"], world.clock(), request.body.decode())
    assert request.headers["webhook-signature"] == signed


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b'{"url": "https://a.example/\\ud800", "event_types": ["metrics"]}',
        b'{"url": "https://a.example/\\u0000", "event_types": ["metrics"]}',
        b'{"url": "https://a.example/", "event_types": ["metrics"], "description": "\\u0000"}',
        b'{"url": "https://a.example/", "event_types": ["metrics"], "instance_id": "a/b"}',
        b'{"url": "https://a.example/", "event_types": ["metrics"], "secret": "whsec_mine"}',
        b'{"url": 7, "event_types": ["metrics"]}',
    ],
)
async def test_a_body_that_makes_no_sense_is_refused_and_says_where(world: World, body: bytes) -> None:
    refused = await world.ask("ann", "POST", content=body, headers={"content-type": "application/json"})
    assert refused.status_code == 422
    assert refused.json()["errors"]


@pytest.mark.parametrize("query", ["before=-1", "before=x", "limit=0", "limit=201", "state=lost", "event_type=%00"])
async def test_a_question_that_makes_no_sense_is_refused(world: World, query: str) -> None:
    made = await world.webhook()
    assert (await world.ask("ann", "GET", f"/{made['id']}/deliveries?{query}")).status_code == 422


async def test_the_description_of_the_api_names_every_route_and_what_it_may_answer(world: World) -> None:
    paths = (await world.http.get("/api/v1/openapi.json")).json()["paths"]
    routes = {path.removeprefix(PATH): set(methods) for path, methods in paths.items() if path.startswith(PATH)}
    assert routes == {
        "": {"get", "post"},
        "/{webhook_id}": {"get", "patch", "delete"},
        "/{webhook_id}/secret": {"post"},
        "/{webhook_id}/test": {"post"},
        "/{webhook_id}/deliveries": {"get"},
        "/{webhook_id}/deliveries/{delivery_id}": {"get"},
        "/{webhook_id}/deliveries/{delivery_id}/replay": {"post"},
    }
    for path, methods in paths.items():
        for described in methods.values() if path.startswith(PATH) else ():
            assert {"401", "403", "404"} <= set(described["responses"])
