"""What 202 promises: the readings are on disk, whatever happens to the queue; and without it nothing is accepted."""

import asyncio

from tests.integration.queue.conftest import DoorWorld, event, lines

from fogbank.queue.subjects import USAGE_STREAM


async def test_what_was_accepted_is_there_after_the_queue_was_killed(door: DoorWorld) -> None:
    assert (await door.send(lines(event("one"), event("two")), "application/x-ndjson")).status_code == 202
    assert door.nats.process is not None
    door.nats.process.kill()
    await door.nats.process.wait()
    await door.nats.start()
    await connected(door)
    assert [each.instance_id for each in (await door.last_of("ann")).valid] == ["one", "two"]


async def test_without_the_queue_nothing_counts_as_accepted_and_later_the_same_body_passes(door: DoorWorld) -> None:
    await door.nats.stop()
    refused = await door.send(lines(event()))
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "2")
    assert refused.json()["type"] == "urn:fogbank:problem:queue-unavailable"
    await door.nats.start()
    await connected(door)
    assert (await door.send(lines(event()))).status_code == 202
    assert await door.messages() == 1


async def connected(door: DoorWorld) -> None:
    """Wait until the queue serves its streams again."""
    while True:
        try:
            await door.messages()
        except Exception:  # noqa: BLE001 - whatever a server says that is starting
            await asyncio.sleep(0.05)
        else:
            return


async def test_what_the_queue_refuses_is_not_called_accepted(door: DoorWorld) -> None:
    jetstream = door.queue.connection.jetstream()
    await jetstream.delete_stream(USAGE_STREAM)
    refused = await door.send(lines(event()))
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "2")
    await door.queue.ensure_streams()
    assert (await door.send(lines(event()))).status_code == 202
    assert await door.messages() == 1
