"""Routes of the delivery log."""

from typing import Annotated

from fastapi import APIRouter, Query

from fogbank.notifications.client import WEBHOOKS_PATH, DeliveriesView, DeliveryView
from fogbank.notifications.webhooks.api.refusals import REFUSALS
from fogbank.notifications.webhooks.api.values import READ, WRITE, Before, Limit, Why
from fogbank.notifications.webhooks.delivery_log import DeliveryLog
from fogbank.notifications.webhooks.model import DeliveryState
from fogbank.notifications.webhooks.views import delivery_view
from fogbank.runtime.http.caller import CurrentCaller
from fogbank.runtime.http.problems import problem_responses
from fogbank.runtime.http.values import Id

PAGE = 50

EventTypeAsked = Annotated[str | None, Query(pattern=r"^[a-z_]{1,64}$", description="Only of this event type.")]
StateAsked = Annotated[DeliveryState | None, Query(description="Only those in this state.")]


def delivery_routes(log: DeliveryLog) -> APIRouter:
    router = APIRouter(prefix=WEBHOOKS_PATH + "/{webhook_id}", tags=["webhooks"], dependencies=REFUSALS)

    @router.post("/test", status_code=202, dependencies=WRITE, responses=problem_responses(401, 403, 404, 409))
    async def send_test(webhook_id: Id, caller: CurrentCaller, reason: Why = None) -> DeliveryView:
        """Send an event of type `test`, once. What comes back is in the log a moment later."""
        return delivery_view(*await log.test(caller, webhook_id, reason))

    @router.get("/deliveries", dependencies=READ, responses=problem_responses(401, 403, 404))
    async def list_deliveries(
        webhook_id: Id,
        caller: CurrentCaller,
        *,
        event_type: EventTypeAsked = None,
        state: StateAsked = None,
        before: Before = None,
        limit: Limit = PAGE,
    ) -> DeliveriesView:
        """What was sent in the last 30 days (metrics: in the last hour), newest first, with every attempt."""
        cursor = None if before is None else int(before)
        found = await log.page(caller, webhook_id, before=cursor, limit=limit, event_type=event_type, state=state)
        is_full = len(found) == limit
        return DeliveriesView([delivery_view(*each) for each in found], str(found[-1][0].number) if is_full else None)

    @router.get("/deliveries/{delivery_id}", dependencies=READ, responses=problem_responses(401, 403, 404))
    async def read_delivery(webhook_id: Id, delivery_id: Id, caller: CurrentCaller) -> DeliveryView:
        """A delivery: what was sent, each attempt, and what came back."""
        return delivery_view(*await log.delivery(caller, webhook_id, delivery_id))

    @router.post(
        "/deliveries/{delivery_id}/replay",
        status_code=202,
        dependencies=WRITE,
        responses=problem_responses(401, 403, 404, 409),
    )
    async def replay_delivery(
        webhook_id: Id, delivery_id: Id, caller: CurrentCaller, reason: Why = None
    ) -> DeliveryView:
        """Send it again under the same `webhook-id`, for another day; one that still waits is sent now."""
        return delivery_view(*await log.replay(caller, webhook_id, delivery_id, reason))

    return router
