"""An outage of the queue is said, waited for, and costs no reading."""

from tests.integration.usage.conftest import MARCH, World, reading

from fogbank.queue.client import QueueUnavailable


async def test_a_queue_that_was_away_is_taken_up_again_where_it_was_left(world: World) -> None:
    await world.send(reading("z-1", MARCH, org_id="z-1"))
    await world.settled()
    await world.server.stop()
    await world.health_is(ok=False)
    assert "the queue is away" in world.component.health.detail
    await world.server.start()
    sent = False
    while not sent:
        try:
            await world.send(reading("z-2", MARCH, org_id="z-1"))
        except QueueUnavailable:
            continue
        sent = True
    totals = await world.totals_when(
        lambda totals: any(
            each.account_id == "z-1" and each.quantities["instance_seconds"] == "60" for each in totals.totals
        )
    )
    assert totals.cursor > 0
    await world.health_is(ok=True)
