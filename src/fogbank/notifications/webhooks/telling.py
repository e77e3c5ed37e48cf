"""Telling owners that nothing more is sent to a webhook of theirs. Told once; a crash in between tells it again."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from fogbank.notifications.model import Channel, EventType, Notice
from fogbank.notifications.webhooks.model import DisabledBecause, Webhook
from fogbank.notifications.webhooks.store import webhooks
from fogbank.runtime.database import Database

LOOK_SECONDS = 30.0

Tell = Callable[[Notice], Awaitable[None]]
"""Tells the people of a notice's account; the same notice again is told to nobody."""

REASONS = {
    DisabledBecause.GONE: "it answered 410 Gone",
    DisabledBecause.FAILING: "every attempt of the last three days failed",
}


@dataclass(frozen=True, slots=True)
class Telling:
    """Looks for webhooks that were disabled, and tells of them."""

    database: Database
    tell: Tell

    async def run(self) -> None:
        while True:
            await self.tell_all()
            await asyncio.sleep(LOOK_SECONDS)

    async def tell_all(self) -> None:
        """Tell of each that was not told of."""
        async with self.database.connection() as connection:
            untold = await webhooks.untold(connection)
        for webhook in untold:
            await self.tell(notice_of(webhook))
            async with self.database.connection() as connection:
                await webhooks.note_told(connection, webhook)


def notice_of(webhook: Webhook) -> Notice:
    """What the owner of a disabled webhook is told."""
    assert webhook.disabled_because is not None
    assert webhook.disabled_at is not None
    reason = REASONS[webhook.disabled_because]
    return Notice(
        id=f"webhook.disabled:{webhook.id}:{webhook.disabled_at.isoformat()}",
        event_type=EventType.WEBHOOK_DISABLED,
        account_id=webhook.account_id,
        user_id=webhook.user_id,
        org_id=webhook.org_id,
        instance_id=webhook.instance_id,
        title="A webhook was disabled",
        text=f"Nothing more is sent to {webhook.url}, because {reason}. Mend what listens there, then enable it again.",
        data={"webhook_id": webhook.id, "url": webhook.url, "because": webhook.disabled_because},
        occurred_at=webhook.disabled_at,
        channels=frozenset({Channel.EMAIL, Channel.PORTAL}),
    )
