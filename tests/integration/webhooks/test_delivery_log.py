"""The log tells what was sent; what is in it is sent again when somebody asks, and forgotten when it is old."""

from datetime import timedelta

from standardwebhooks import Webhook as Verifier
from tests.integration.webhooks.conftest import World
from tests.integration.webhooks.receiver import status

from fogbank.notifications.webhooks.delivery_log import KEPT


async def test_a_test_is_sent_once_and_comes_back_in_the_log(world: World) -> None:
    made = await world.webhook()
    world.receiver.at("/hook", status(500))
    asked = await world.ask("ann", "POST", f"/{made['id']}/test")
    assert asked.status_code == 202
    assert (asked.json()["event_type"], asked.json()["state"]) == ("test", "pending")
    again = await world.ask("ann", "POST", f"/{made['id']}/test")
    assert again.json()["id"] == asked.json()["id"]
    assert await world.send_due() == 1
    [request] = world.receiver.received
    sent = Verifier(made["secret"]).verify(request.body, request.headers)
    assert (sent["type"], sent["data"]["webhook_id"]) == ("test", made["id"])
    logged = await world.ask("ann", "GET", f"/{made['id']}/deliveries/{asked.json()['id']}")
    assert logged.json()["state"] == "failed"
    assert logged.json()["payload"] == request.body.decode()
    assert (await world.ask("ann", "POST", f"/{made['id']}/test")).json()["id"] != asked.json()["id"]


async def test_what_was_delivered_or_failed_is_sent_again_under_its_own_id(world: World) -> None:
    made = await world.webhook()
    await world.tell()
    await world.send_due()
    [delivery] = await world.deliveries(made["id"])
    replayed = await world.ask("ann", "POST", f"/{made['id']}/deliveries/{delivery['id']}/replay")
    assert (replayed.status_code, replayed.json()["state"]) == (202, "pending")
    assert await world.send_due() == 1
    first, second = world.receiver.received
    assert first.headers["webhook-id"] == second.headers["webhook-id"] == delivery["id"]
    assert first.body == second.body
    [delivery] = await world.deliveries(made["id"])
    assert (delivery["state"], [each["number"] for each in delivery["attempts"]]) == ("delivered", [1, 2])


async def test_a_replay_is_tried_for_another_day(world: World) -> None:
    made = await world.webhook()
    await world.tell()
    await world.send_due()
    world.clock.forward(timedelta(days=5))
    [delivery] = await world.deliveries(made["id"])
    world.receiver.at("/hook", status(500), status(200))
    await world.ask("ann", "POST", f"/{made['id']}/deliveries/{delivery['id']}/replay")
    assert await world.send_due() == 1
    world.clock.forward(timedelta(minutes=1))
    assert await world.send_due() == 1
    assert (await world.deliveries(made["id"]))[0]["state"] == "delivered"


async def test_what_still_waits_is_sent_now_when_somebody_asks(world: World) -> None:
    made = await world.webhook()
    world.receiver.at("/hook", status(500), status(500), status(500), status(200))
    await world.tell()
    for _ in range(3):
        await world.send_due()
        world.clock.forward(timedelta(seconds=30))
    assert await world.send_due() == 0
    [delivery] = await world.deliveries(made["id"], state="pending")
    await world.ask("ann", "POST", f"/{made['id']}/deliveries/{delivery['id']}/replay")
    assert await world.send_due() == 1
    assert (await world.deliveries(made["id"]))[0]["state"] == "delivered"


async def test_nothing_is_sent_to_a_disabled_webhook_and_what_waited_was_dropped(world: World) -> None:
    made = await world.webhook()
    await world.tell()
    await world.ask("ann", "PATCH", f"/{made['id']}", json={"is_enabled": False})
    await world.tell()
    assert await world.send_due() == 0
    [delivery] = await world.deliveries(made["id"])
    assert delivery["state"] == "dropped"
    for path in ("/test", f"/deliveries/{delivery['id']}/replay"):
        refused = await world.ask("ann", "POST", f"/{made['id']}{path}")
        assert (refused.status_code, refused.json()["type"]) == (409, "urn:fogbank:problem:webhook-disabled")
    await world.ask("ann", "PATCH", f"/{made['id']}", json={"is_enabled": True})
    await world.ask("ann", "POST", f"/{made['id']}/deliveries/{delivery['id']}/replay")
    assert await world.send_due() == 1


async def test_the_log_has_pages_newest_first_and_can_be_asked_for_one_kind(world: World) -> None:
    made = await world.webhook()
    for _ in range(5):
        await world.tell()
    await world.ask("ann", "POST", f"/{made['id']}/test")
    while await world.send_due():
        pass
    found, before = [], None
    while True:
        params = {"limit": 2} if before is None else {"limit": 2, "before": before}
        page = (await world.ask("ann", "GET", f"/{made['id']}/deliveries", params=params)).json()
        found += page["deliveries"]
        before = page["next_cursor"]
        if before is None:
            break
    assert len({each["id"] for each in found}) == 6
    assert found[0]["event_type"] == "test"
    assert len(await world.deliveries(made["id"], event_type="test")) == 1
    assert await world.deliveries(made["id"], state="pending") == []
    other = await world.webhook()
    assert (await world.ask("ann", "GET", f"/{other['id']}/deliveries/{found[0]['id']}")).status_code == 404


async def test_the_log_is_forgotten_after_a_month_and_what_waits_is_not(world: World) -> None:
    made = await world.webhook()
    await world.tell()
    await world.send_due()
    world.clock.forward(KEPT)
    await world.tell()
    [forget] = world.webhooks.jobs
    await forget.run()
    assert len(await world.deliveries(made["id"])) == 2
    world.clock.forward(timedelta(seconds=1))
    await forget.run()
    [delivery] = await world.deliveries(made["id"])
    assert delivery["state"] == "pending"
