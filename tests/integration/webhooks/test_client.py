"""Other components speak to webhooks by a client, and see what people see."""

import pytest
from tests.integration.webhooks.conftest import World

from fogbank.notifications.client import WebhooksClient
from fogbank.runtime.client import ServiceHttp
from fogbank.runtime.problems import Problem


async def test_everything_that_people_do_with_webhooks_can_be_done_by_the_client(world: World) -> None:
    client = WebhooksClient(ServiceHttp(world.http)).as_caller("ann")
    created = await client.create(world.receiver.url(), ["balance_low"], org_id="org_fog", description="Money")
    webhook = created.webhook
    assert (await client.webhooks()).webhooks == (await client.webhooks("org_fog")).webhooks == [webhook]
    assert await client.webhook(webhook.id) == webhook
    tested = await client.test(webhook.id)
    await world.send_due()
    [delivery] = (await client.deliveries(webhook.id)).deliveries
    assert (delivery.id, delivery.state, delivery.attempts[0].status) == (tested.id, "delivered", 204)
    assert (await client.replay(webhook.id, delivery.id)).state == "pending"
    assert (await client.new_secret(webhook.id)).secret != created.secret
    assert not (await client.set_enabled(webhook.id, is_enabled=False)).is_enabled
    await client.delete(webhook.id)
    with pytest.raises(Problem, match="There is no webhook"):
        await client.webhook(webhook.id)
