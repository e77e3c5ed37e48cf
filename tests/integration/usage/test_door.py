"""From the door to the totals: what was accepted over HTTP is stored once, in whatever form and however often."""

import httpx
import msgspec
from tests.integration.usage.conftest import MARCH, World, reading

from fogbank.queue.component import open_queue
from fogbank.runtime.auth import Caller, CallerKind
from fogbank.runtime.http.app import create_app

ANN = Caller("user_door", CallerKind.USER)


async def test_what_the_door_accepted_is_stored_once(world: World) -> None:
    world.authenticator.callers[ANN.id] = ANN
    event = reading("door-1", MARCH, user_id=ANN.id)
    envelope = {"specversion": "1.0", "type": "resource_usage", "source": "/a", "id": "1", "data": event}
    bodies = [
        ("application/json", event),
        ("application/json", [event, reading("door-2", MARCH, user_id="somebody-else")]),
        ("application/cloudevents+json", {**envelope, "id": "another"}),
    ]
    async with open_queue(world.queue, clock=world.clock) as component:
        app = create_app(title="q", components=[component], authenticator=world.authenticator, clock=world.clock)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://door") as http:
            for content_type, body in bodies:
                headers = {"authorization": f"Bearer {ANN.id}", "content-type": content_type}
                answer = await http.post("/api/v1/events", content=msgspec.json.encode(body), headers=headers)
                assert answer.json()["accepted"] == 1
    await world.settled()
    totals = await world.totals_when(lambda totals: any(each.account_id == ANN.id for each in totals.totals))
    [mine] = [each for each in totals.totals if each.account_id == ANN.id]
    assert mine.quantities["instance_seconds"] == "30"
    assert not [each for each in totals.totals if each.account_id == "somebody-else"]
