"""SQL of webhooks' secrets."""

from collections.abc import Sequence
from datetime import datetime

from psycopg.rows import class_row

from fogbank.notifications.webhooks.model import SealedSecret
from fogbank.runtime.database import Connection

HELD_MAX = 4
"""So many signatures fit every header."""

SELECT = "SELECT webhook_id, number, key_id, sealed, ends_at FROM notifications.webhook_secrets"
HOLDING = (
    SELECT
    + """ WHERE webhook_id = ANY (%(webhooks)s) AND (ends_at IS NULL OR ends_at > %(now)s)
          ORDER BY webhook_id, number DESC
"""
)
LAST_NUMBER = "SELECT coalesce(max(number), 0) FROM notifications.webhook_secrets WHERE webhook_id = %(webhook_id)s"
# One that is about to end keeps its end: who asks twice because our first answer was lost still has the one in use.
END = """
    UPDATE notifications.webhook_secrets
    SET ends_at = least(ends_at, CASE WHEN number > %(number)s - %(held_max)s THEN %(ends_at)s ELSE %(now)s END)
    WHERE webhook_id = %(webhook_id)s
"""
INSERT = """
    INSERT INTO notifications.webhook_secrets (webhook_id, number, key_id, sealed, ends_at)
    VALUES (%(webhook_id)s, %(number)s, %(key_id)s, %(sealed)s, NULL)
"""
DELETE_ENDED = "DELETE FROM notifications.webhook_secrets WHERE ends_at <= %(now)s"


async def holding(tx: Connection, webhooks: Sequence[str], now: datetime) -> Sequence[SealedSecret]:
    """The secrets that hold now, the present one of each webhook before the one that it replaces."""
    cursor = tx.cursor(row_factory=class_row(SealedSecret))
    return await (await cursor.execute(HOLDING, {"webhooks": list(webhooks), "now": now})).fetchall()


async def replace(
    tx: Connection, webhook_id: str, key_id: str, sealed: bytes, *, now: datetime, ends_at: datetime
) -> None:
    """A new secret; those before it end at `ends_at`, or sooner where there are more than `HELD_MAX`."""
    row = await (await tx.execute(LAST_NUMBER, {"webhook_id": webhook_id})).fetchone()
    number = (row[0] if row else 0) + 1
    ended = {"webhook_id": webhook_id, "number": number, "held_max": HELD_MAX, "now": now, "ends_at": ends_at}
    await tx.execute(END, ended)
    await tx.execute(INSERT, {"webhook_id": webhook_id, "number": number, "key_id": key_id, "sealed": sealed})


async def delete_ended(tx: Connection, now: datetime) -> None:
    await tx.execute(DELETE_ENDED, {"now": now})
