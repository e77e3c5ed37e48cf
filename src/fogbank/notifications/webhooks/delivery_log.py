"""The delivery log: what was sent, what came back; sending it again, and sending a test."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from fogbank.notifications.webhooks import access
from fogbank.notifications.webhooks.errors import Disabled, NoDelivery, OfThePast
from fogbank.notifications.webhooks.model import METRICS, TEST, Attempt, Delivery, DeliveryState, Webhook
from fogbank.notifications.webhooks.payloads import payload_of_test
from fogbank.notifications.webhooks.queueing import Queueing
from fogbank.notifications.webhooks.rules import DAY
from fogbank.notifications.webhooks.store import log, secrets, webhooks
from fogbank.runtime.activity import ActivityLog
from fogbank.runtime.auth import Caller
from fogbank.runtime.database import Connection, Database

KEPT = timedelta(days=30)
METRICS_KEPT = timedelta(hours=1)
"""The current usage is posted every half minute: an hour of it tells whether it arrives."""
ONCE = timedelta(0)
NEWEST = 2**63 - 1

Logged = tuple[Delivery, Sequence[Attempt]]


@dataclass(frozen=True, slots=True)
class DeliveryLog:
    """The log of webhooks that the caller manages."""

    database: Database
    queueing: Queueing
    activity: ActivityLog

    async def page(
        self,
        caller: Caller,
        webhook_id: str,
        *,
        before: int | None,
        limit: int,
        event_type: str | None,
        state: DeliveryState | None,
    ) -> Sequence[Logged]:
        """Deliveries, newest first, each with its attempts, oldest first."""
        async with self.database.connection() as connection:
            access.require_visible(caller, webhook_id, await webhooks.webhook(connection, webhook_id))
            found = await log.page(
                connection,
                webhook_id,
                before=NEWEST if before is None else before,
                limit=limit,
                event_type=event_type,
                state=state,
            )
            attempts = await log.attempts(connection, [delivery.id for delivery in found])
        return [(delivery, attempts.get(delivery.id, [])) for delivery in found]

    async def delivery(self, caller: Caller, webhook_id: str, delivery_id: str) -> Logged:
        async with self.database.connection() as connection:
            access.require_visible(caller, webhook_id, await webhooks.webhook(connection, webhook_id))
            return await self._logged(connection, webhook_id, delivery_id)

    async def replay(self, caller: Caller, webhook_id: str, delivery_id: str, reason: str | None) -> Logged:
        """Send it again, under the same id, for another day; one that still waits is sent now.

        `Disabled` for a webhook to which nothing is sent, `OfThePast` for a current usage of then.
        """
        now = self.queueing.clock()
        async with self.database.transaction() as tx:
            webhook = await self._enabled(tx, caller, webhook_id)
            delivery, _ = await self._logged(tx, webhook_id, delivery_id)
            if delivery.event_type == METRICS:
                raise OfThePast(delivery_id)
            act = f"webhook.replay:{delivery_id}:{delivery.attempts}"
            await access.record(self.activity, caller, webhook, "webhook.replay", reason=reason, id_=act)
            if delivery.state is DeliveryState.PENDING:
                await log.hurry(tx, delivery_id, now)
            else:
                await log.replay(tx, delivery_id, now, now + (ONCE if delivery.event_type == TEST else DAY))
            return await self._logged(tx, webhook_id, delivery_id)

    async def test(self, caller: Caller, webhook_id: str, reason: str | None) -> Logged:
        """Send a test, once; while one is on its way, it is that one."""
        async with self.database.transaction() as tx:
            webhook = await self._enabled(tx, caller, webhook_id)
            waiting = await log.pending_of_type(tx, webhook_id, TEST)
            if waiting is not None:
                return await self._logged(tx, webhook_id, waiting.id)
            payload = payload_of_test(webhook, self.queueing.clock())
            post = self.queueing.post(webhook, TEST, None, payload, ONCE)
            id_ = f"webhook.test:{post.id}"
            await access.record(self.activity, caller, webhook, "webhook.test", reason=reason, id_=id_)
            await self.queueing.write_once(tx, [post])
            return await self._logged(tx, webhook_id, post.id)

    async def forget(self) -> None:
        """Delete what ended a month ago, the current usage of an hour ago, and secrets that hold no more."""
        now = self.queueing.clock()
        async with self.database.transaction() as tx:
            await log.forget(tx, now - KEPT, now - METRICS_KEPT)
            await secrets.delete_ended(tx, now)

    async def _enabled(self, tx: Connection, caller: Caller, webhook_id: str) -> Webhook:
        found = await webhooks.webhook(tx, webhook_id, is_locked=True)
        webhook = access.require_visible(caller, webhook_id, found)
        if not webhook.is_enabled:
            raise Disabled(webhook_id)
        return webhook

    async def _logged(self, connection: Connection, webhook_id: str, delivery_id: str) -> Logged:
        delivery = await log.delivery(connection, webhook_id, delivery_id)
        if delivery is None:
            raise NoDelivery(delivery_id)
        return delivery, (await log.attempts(connection, [delivery_id])).get(delivery_id, [])
