"""Writing what is to be posted, in the transaction of what it tells: both are there, or neither is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from fogbank.kernel.ids import new_id
from fogbank.notifications.model import Channel, Notice
from fogbank.notifications.webhooks.model import Post, Webhook
from fogbank.notifications.webhooks.payloads import notice_payload
from fogbank.notifications.webhooks.rules import DAY
from fogbank.notifications.webhooks.store import sending, webhooks
from fogbank.runtime.clock import Clock
from fogbank.runtime.database import Connection
from fogbank.runtime.entropy import Entropy

ID_BYTES = 12


@dataclass(frozen=True, slots=True)
class Queueing:
    """Writes posts. An event that a webhook was told of is not told to it again, however often it is written."""

    clock: Clock
    entropy: Entropy

    async def enqueue(self, tx: Connection, notice: Notice) -> int:
        """Write a notice for the webhooks of its account that are for it; for how many."""
        if Channel.API_CALLBACK not in notice.channels:
            return 0
        told = await webhooks.for_event(tx, notice.account_id, notice.event_type, notice.instance_id)
        payload = notice_payload(notice)
        await self.write_once(tx, [self.post(webhook, notice.event_type, notice.id, payload, DAY) for webhook in told])
        return len(told)

    async def write_once(self, tx: Connection, posts: Sequence[Post]) -> None:
        if posts:
            await sending.insert_once(tx, posts)

    def post(self, webhook: Webhook, event_type: str, event_id: str | None, payload: str, lasting: timedelta) -> Post:
        """A post of now, tried for as long as `lasting`; without `event_id` it is an event of its own."""
        now, id_ = self.clock(), new_id("msg", self.entropy(ID_BYTES))
        return Post(
            id=id_,
            webhook_id=webhook.id,
            event_type=event_type,
            event_id=event_id or id_,
            payload=payload,
            created_at=now,
            expires_at=now + lasting,
        )
