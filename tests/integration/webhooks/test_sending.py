"""What happened arrives, signed; what fails is tried again, what is slow holds up nobody, and the log tells it all."""

import asyncio
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from standardwebhooks import Webhook as Verifier
from standardwebhooks import WebhookVerificationError
from tests.integration.webhooks.conftest import World
from tests.integration.webhooks.receiver import Received, breaking_off, dripping, endless, hanging, status

from fogbank.notifications.model import Channel, EventType
from fogbank.notifications.webhooks.sending import PER_ACCOUNT_MAX, PER_WEBHOOK_MAX

MINUTE = timedelta(minutes=1)


def verified(secret: str, request: Received) -> Any:
    """What a receiver reads, who checks the signature with the library that Standard Webhooks gives it."""
    return Verifier(secret).verify(request.body, request.headers)


async def test_a_notice_arrives_once_at_every_webhook_that_is_for_it_and_its_signature_holds(world: World) -> None:
    made = await world.webhook("/all", event_types=["threshold_violation", "balance_low"])
    await world.webhook("/other-type", event_types=["balance_low"])
    await world.webhook("/one-instance", instance_id="instance_1")
    await world.webhook("/other-instance", instance_id="instance_2")
    await world.webhook("/other-account", who="eve")
    notice = await world.tell(instance_id="instance_1")
    async with world.database.transaction() as tx:
        await world.webhooks.enqueue(tx, notice)
    assert await world.send_due() == 2
    assert await world.send_due() == 0
    assert sorted(request.path for request in world.receiver.received) == ["/all", "/one-instance"]
    [request] = world.receiver.got("/all")
    sent = verified(made["secret"], request)
    assert sent["type"] == "threshold_violation"
    assert sent["data"]["value"] == "512"
    assert (sent["data"]["account_id"], sent["data"]["instance_id"]) == ("user_ann", "instance_1")
    assert sent["data"]["text"] == notice.text
    assert request.headers["content-type"] == "application/json"
    assert request.headers["user-agent"].startswith("Fogbank-Webhooks/")
    with pytest.raises(WebhookVerificationError):
        verified("whsec_" + "A" * 43 + "=", request)


async def test_a_notice_that_wants_no_callback_is_posted_nowhere_and_one_that_is_rolled_back_neither(
    world: World,
) -> None:
    await world.webhook()
    await world.tell(channels=frozenset({Channel.EMAIL}))
    with suppress(RuntimeError):
        async with world.database.transaction() as tx:
            await world.webhooks.enqueue(tx, await world.tell("user_nobody"))
            raise RuntimeError
    assert await world.send_due() == 0


async def test_what_fails_is_tried_again_under_the_same_id_until_it_arrives(world: World) -> None:
    made = await world.webhook()
    world.receiver.at("/hook", status(500, b"out of order"), breaking_off, status(200, b"thanks"))
    await world.tell()
    for _ in range(3):
        assert await world.send_due() == 1
        assert await world.send_due() == 0
        world.clock.forward(MINUTE)
    assert await world.send_due() == 0
    requests = world.receiver.got("/hook")
    assert len({request.headers["webhook-id"] for request in requests}) == 1
    assert len({request.body for request in requests}) == 1
    assert len({request.headers["webhook-timestamp"] for request in requests}) == 3
    [delivery] = await world.deliveries(made["id"])
    assert (delivery["state"], delivery["id"]) == ("delivered", requests[0].headers["webhook-id"])
    assert [(each["number"], each["status"], each["answer"]) for each in delivery["attempts"]] == [
        (1, 500, "out of order"),
        (2, None, ""),
        (3, 200, "thanks"),
    ]
    assert "any status from 200 to 299" in delivery["attempts"][0]["detail"]
    assert "broke off" in delivery["attempts"][1]["detail"]
    assert all(each["duration_ms"] >= 0 for each in delivery["attempts"])
    webhook = await world.read(made["id"])
    assert (webhook["failing_since"], webhook["last_success_at"] is not None) == (None, True)


async def test_what_never_arrives_fails_after_eleven_attempts_within_a_day(world: World) -> None:
    made = await world.webhook()
    world.receiver.at("/hook", status(404))
    await world.tell()
    began = world.clock()
    while (delivery := (await world.deliveries(made["id"]))[0])["state"] == "pending":
        world.clock.now = max(world.clock(), world.clock().fromisoformat(delivery["next_attempt_at"]))
        assert await world.send_due() == 1
    assert delivery["state"] == "failed"
    assert len(delivery["attempts"]) == 11
    assert timedelta(hours=18) < world.clock() - began < timedelta(days=1)


async def test_a_redirect_to_a_private_address_is_not_followed_and_says_so(world: World) -> None:
    made = await world.webhook()
    world.receiver.at("/hook", status(302, location="http://169.254.169.254/latest/meta-data"))
    await world.tell()
    await world.send_due()
    [delivery] = await world.deliveries(made["id"])
    [attempt] = delivery["attempts"]
    assert (delivery["state"], attempt["status"]) == ("pending", 302)
    assert attempt["detail"] == "It answered 302, and redirects are not followed; give the URL that it leads to."


async def test_a_name_that_leads_to_a_private_address_is_refused_when_it_is_sent_to(world: World) -> None:
    made = await world.webhook()
    async with world.database.connection() as connection:
        # The network that lets the receiver be reached is IPv4's; ::1 is as private as any.
        await connection.execute("UPDATE notifications.webhooks SET url = 'http://[::1]:8443/hook'")
    await world.tell()
    await world.send_due()
    [delivery] = await world.deliveries(made["id"])
    assert delivery["attempts"][0]["detail"] == "::1 is not at a public address."


async def test_who_asks_to_wait_is_not_asked_again_before(world: World) -> None:
    await world.webhook()
    world.receiver.at("/hook", status(429, retry_after="600"), status(200))
    await world.tell()
    await world.send_due()
    world.clock.forward(timedelta(seconds=599))
    assert await world.send_due() == 0
    world.clock.forward(timedelta(seconds=1))
    assert await world.send_due() == 1


async def test_gone_disables_the_webhook_drops_what_waits_and_tells_its_owner_once(world: World) -> None:
    made = await world.webhook()
    world.receiver.at("/hook", status(410))
    for _ in range(3):
        await world.tell()
    assert await world.send_due() == PER_WEBHOOK_MAX
    webhook = await world.read(made["id"])
    assert (webhook["is_enabled"], webhook["disabled_because"]) == (False, "gone")
    assert await world.send_due() == 0
    await world.tell()
    states = sorted(delivery["state"] for delivery in await world.deliveries(made["id"]))
    assert states in (["dropped", "dropped", "failed"], ["dropped", "failed", "failed"])
    for _ in range(2):
        await world.telling.tell_all()
    [told] = world.told
    assert (told.event_type, told.account_id) == (EventType.WEBHOOK_DISABLED, "user_ann")
    assert "it answered 410 Gone" in told.text
    assert Channel.API_CALLBACK not in told.channels
    enabled = await world.ask("ann", "PATCH", f"/{made['id']}", json={"is_enabled": True})
    assert enabled.json()["disabled_because"] is None


async def test_three_days_of_failures_disable_a_webhook_and_one_success_between_does_not(world: World) -> None:
    made = await world.webhook()

    async def fail_for(days: int) -> None:
        world.receiver.at("/hook", status(500))
        for _ in range(days):
            await world.tell()
            await world.send_due()
            world.clock.forward(timedelta(days=1))

    await fail_for(3)
    assert (await world.read(made["id"]))["is_enabled"]
    world.receiver.at("/hook", status(200))
    while await world.send_due():
        pass
    assert (await world.read(made["id"]))["failing_since"] is None
    await fail_for(4)
    assert (await world.read(made["id"]))["disabled_because"] == "failing"
    await world.telling.tell_all()
    assert "every attempt of the last three days failed" in world.told[0].text


@pytest.mark.parametrize("behaviour", [dripping, endless])
async def test_no_answer_however_long_holds_us_beyond_the_deadline_or_fills_the_log(
    world: World, behaviour: Any
) -> None:
    made = await world.webhook()
    world.receiver.at("/hook", behaviour)
    object.__setattr__(world.sending.outbound, "deadline_seconds", 0.3)
    await world.tell()
    await world.send_due()
    [delivery] = await world.deliveries(made["id"])
    [attempt] = delivery["attempts"]
    assert len(attempt["answer"]) <= 1024
    assert attempt["status"] == (200 if behaviour is endless else None)


async def test_a_slow_endpoint_holds_up_nobody_else(world: World) -> None:
    let_go = asyncio.Event()
    world.receiver.at("/slow", hanging(let_go))
    slow = [await world.webhook(f"/slow?{number}") for number in range(5)]
    for number in range(5):
        world.receiver.at(f"/slow?{number}", hanging(let_go))
    for _ in range(10):
        await world.tell()
    await world.webhook("/quick", who="eve")
    running = asyncio.create_task(world.sending.run())
    try:
        await world.receiver.until("/slow?0", 1)
        for number in range(1, 6):
            await world.tell("user_eve")
            await world.receiver.until("/quick", number)
        under_way = [request for request in world.receiver.received if request.path.startswith("/slow")]
        assert len(under_way) <= PER_ACCOUNT_MAX
        assert all(len(world.receiver.got(f"/slow?{number}")) <= PER_WEBHOOK_MAX for number in range(5))
        let_go.set()
        for number in range(5):
            await world.receiver.until(f"/slow?{number}", 10)
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
    assert len(slow) == 5
    assert all(len(world.receiver.got(f"/slow?{number}")) == 10 for number in range(5))


async def test_so_many_posts_are_under_way_to_one_webhook_and_to_one_account_and_no_more(world: World) -> None:
    async def tell_all() -> None:
        for account in ("user_ann", "user_eve"):
            await world.tell(account)

    await world.webhook()
    for _ in range(5):
        await tell_all()
    assert [len(await world.sending._take()) for _ in range(3)] == [PER_WEBHOOK_MAX, 0, 0]
    for _ in range(4):
        await world.webhook()
    await world.webhook(who="eve")
    for _ in range(5):
        await tell_all()
    taken = [each for _ in range(3) for each in await world.sending._take()]
    assert [each.account_id for each in taken].count("user_ann") == PER_ACCOUNT_MAX - PER_WEBHOOK_MAX
    assert [each.account_id for each in taken].count("user_eve") == PER_WEBHOOK_MAX


async def test_what_arrives_after_its_webhook_was_disabled_arrived_and_what_fails_then_was_dropped(
    world: World,
) -> None:
    made = await world.webhook()
    world.receiver.at("/hook", status(200), status(500))
    for _ in range(2):
        await world.ask("ann", "POST", f"/{made['id']}/test")
        [taken] = await world.sending._take()
        await world.ask("ann", "PATCH", f"/{made['id']}", json={"is_enabled": False})
        await world.sending._send(taken)
        await world.ask("ann", "PATCH", f"/{made['id']}", json={"is_enabled": True})
    second, first = await world.deliveries(made["id"])
    assert (first["state"], second["state"]) == ("delivered", "dropped")
    assert [each["attempts"][0]["status"] for each in (first, second)] == [200, 500]


async def test_two_that_send_share_the_work_and_nothing_is_sent_twice(world: World) -> None:
    await world.webhook()
    for _ in range(20):
        await world.tell()
    while any(await asyncio.gather(world.send_due(), world.send_due(), world.send_due())):
        pass
    ids = [request.headers["webhook-id"] for request in world.receiver.got("/hook")]
    assert len(ids) == len(set(ids)) == 20


async def test_after_a_rotation_both_secrets_verify_for_a_day_and_then_the_new_one_alone(world: World) -> None:
    made = await world.webhook()
    rotated = await world.ask("ann", "POST", f"/{made['id']}/secret")
    assert rotated.status_code == 201
    new = rotated.json()["secret"]
    assert new != made["secret"]
    await world.tell()
    await world.send_due()
    [request] = world.receiver.received
    assert verified(made["secret"], request) == verified(new, request)
    world.clock.forward(timedelta(days=1))
    await world.tell()
    await world.send_due()
    request = world.receiver.received[-1]
    assert request.headers["webhook-signature"] == Verifier(new).sign(
        request.headers["webhook-id"], world.clock(), request.body.decode()
    )


async def test_who_rotates_again_because_an_answer_was_lost_still_has_the_secret_in_use(world: World) -> None:
    made = await world.webhook()
    secrets = [made["secret"]]
    for _ in range(5):
        secrets.append((await world.ask("ann", "POST", f"/{made['id']}/secret")).json()["secret"])
        await world.tell()
        await world.send_due()
        request = world.receiver.received[-1]
        assert len(request.headers["webhook-signature"].split(" ")) == min(len(secrets), 4)
        for secret in secrets[-4:]:
            verified(secret, request)
    with pytest.raises(WebhookVerificationError):
        verified(made["secret"], request)


async def test_a_secret_that_leaked_is_ended_at_once(world: World) -> None:
    made = await world.webhook()
    await world.ask("ann", "POST", f"/{made['id']}/secret")
    answer = await world.ask("ann", "POST", f"/{made['id']}/secret", params={"overlap_seconds": 0})
    await world.tell()
    await world.send_due()
    [request] = world.receiver.received
    verified(answer.json()["secret"], request)
    assert len(request.headers["webhook-signature"].split(" ")) == 1
