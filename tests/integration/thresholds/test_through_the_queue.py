"""A reading on the queue becomes a signal on the queue: the component as it runs, with nothing called by hand."""

import asyncio
from datetime import timedelta
from typing import Any

import msgspec
from tests.integration.thresholds.conftest import PUBLISHED, Badges, World

from fogbank.billing.client import BillingClient
from fogbank.compute.component import open_compute
from fogbank.compute.thresholds.opening import ThresholdsOpening
from fogbank.events.batch import pack
from fogbank.events.schemas.registry import USAGE_EXAMPLE
from fogbank.events.signals import Signal, SignalType
from fogbank.queue.client import usage_subject
from fogbank.runtime.client import ServiceHttp
from fogbank.runtime.clock import now_utc
from fogbank.runtime.http.app import create_app
from fogbank.runtime.http.in_memory import InMemoryTransport, in_memory_http

NODE = "node-through"


def batch_of(storage_gb: float) -> Any:
    """A reading of the last half minute, of the user and the instance of the published examples."""
    end = now_utc()
    metrics = {**USAGE_EXAMPLE["metrics"], "storage_gb": storage_gb}
    period = {"start": (end - timedelta(seconds=30)).isoformat(), "end": end.isoformat()}
    event = {**USAGE_EXAMPLE, "timestamp": end.isoformat(), "org_id": None, "metrics": metrics, "period": period}
    return pack([msgspec.json.encode(event)], NODE, 1, int(end.timestamp() * 1e6))


async def test_a_reading_that_crosses_a_threshold_is_told_on_the_queue(world: World) -> None:
    transport, heard = InMemoryTransport(), asyncio.Queue[Signal]()

    async def hear(message: Any) -> None:
        heard.put_nowait(msgspec.json.decode(message.data, type=Signal))

    await world.queue.connection.subscribe("signals.v1.threshold.*", cb=hear)
    billing = BillingClient(ServiceHttp(world.http).as_caller("compute"))
    opening = ThresholdsOpening(world.database, world.accounts, billing)
    async with (
        open_compute(world.queue, clock=now_utc, thresholds=opening) as component,
        in_memory_http(transport) as http,
        asyncio.timeout(60),
    ):
        app = create_app(title="compute", components=[component], authenticator=Badges(), clock=now_utc)
        transport.connect(app)
        async with app.router.lifespan_context(app):
            await world.queue.publish(usage_subject(NODE), batch_of(storage_gb=512))
            set_ = await http.post(
                "/api/v1/thresholds", json={**PUBLISHED, "id": "disk"}, headers={"authorization": "Bearer root"}
            )
            assert set_.status_code == 201
            signal = await heard.get()
    assert (signal.type, signal.account_id) == (SignalType.THRESHOLD_VIOLATED, "user_123456")
    assert (signal.data["threshold_id"], signal.data["value"]) == ("disk", "512")
