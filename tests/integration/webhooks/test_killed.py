"""A sender that is killed between sending and writing it down sends again, under the same id: at least once."""

import asyncio
import os
import signal
import sys
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
from tests.integration.webhooks.conftest import World
from tests.integration.webhooks.receiver import Answer, hanging, status

from fogbank.notifications.webhooks.sending import LEASE

SENDER = """
import asyncio, sys
from pathlib import Path
from fogbank.notifications.webhooks.ending import Ending
from fogbank.runtime.sealing import SealingKeys
from fogbank.notifications.webhooks.sending import Sending
from fogbank.runtime.clock import now_utc
from fogbank.runtime.database import Database
from fogbank.runtime.entropy import system_entropy
from fogbank.kernel.networks import networks_of
from fogbank.runtime.outbound.client import Outbound
from fogbank.runtime.outbound.resolving import SystemResolver

async def main(url, secrets):
    networks = networks_of(["127.0.0.0/8"])
    async with Database.open(url) as database, Outbound.open(SystemResolver(), private_networks=networks) as outbound:
        ending = Ending(database, now_utc, system_entropy)
        keys = SealingKeys.of(Path(secrets), system_entropy)
        await Sending(database, outbound, keys, ending, now_utc, allow_http=True).run()

asyncio.run(main(*sys.argv[1:]))
"""


async def test_kill_nine_between_sending_and_writing_it_down_sends_it_again_under_the_same_id(
    world: World, postgres_url: str, tmp_path: Path
) -> None:
    made = await world.webhook()
    world.receiver.at("/hook", hanging(asyncio.Event()), status(200))
    await world.tell()
    sender = await asyncio.create_subprocess_exec(sys.executable, "-c", SENDER, postgres_url, str(tmp_path))
    [first] = await world.receiver.until("/hook", 1)
    os.kill(sender.pid, signal.SIGKILL)
    await sender.wait()
    assert await world.send_due() == 0
    world.clock.forward(LEASE + timedelta(seconds=30))
    assert await world.send_due() == 1
    [_, second] = world.receiver.got("/hook")
    assert second.headers["webhook-id"] == first.headers["webhook-id"]
    assert second.body == first.body
    [delivery] = await world.deliveries(made["id"])
    assert delivery["state"] == "delivered"
    assert [(each["number"], each["status"], each["duration_ms"] is None) for each in delivery["attempts"]] == [
        (1, None, True),
        (2, 200, False),
    ]


async def test_who_is_stopped_lets_what_is_under_way_end(world: World) -> None:
    made = await world.webhook()
    let_go = asyncio.Event()
    world.receiver.at("/hook", hanging(let_go))
    await world.tell()
    running = asyncio.create_task(world.sending.run())
    await world.receiver.until("/hook", 1)
    running.cancel()
    await asyncio.sleep(0)
    let_go.set()
    with suppress(asyncio.CancelledError):
        await running
    assert running.cancelled()
    [delivery] = await world.deliveries(made["id"])
    assert (delivery["state"], len(world.receiver.received)) == ("delivered", 1)


@pytest.mark.parametrize("answer", [status(200), status(429, retry_after="600")])
async def test_who_is_frozen_beyond_its_minute_and_wakes_up_changes_nothing_of_what_was_found_since(
    world: World, answer: Answer
) -> None:
    made = await world.webhook()
    world.receiver.at("/hook", status(500), answer)
    await world.tell()
    [frozen] = await world.sending._take()
    outcome = await world.sending.attempt(frozen)
    world.clock.forward(LEASE)
    world.sending._busy.clear()
    assert await world.send_due() == 1
    [found] = await world.deliveries(made["id"])
    await world.sending.ending.end(frozen, outcome)
    [delivery] = await world.deliveries(made["id"])
    assert delivery["attempts"][0]["status"] == 500
    assert {**delivery, "attempts": delivery["attempts"][1:]} == {**found, "attempts": found["attempts"][1:]}
