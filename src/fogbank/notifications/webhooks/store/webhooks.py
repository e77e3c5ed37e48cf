"""SQL of webhooks themselves. Who changes one locks it first, and its deliveries after it."""

from collections.abc import Collection, Sequence
from dataclasses import fields
from typing import Any

from psycopg.rows import kwargs_row

from fogbank.notifications.webhooks.model import METRICS, DisabledBecause, Webhook
from fogbank.runtime.database import Connection

SELECT = """
    SELECT id, user_id, org_id, instance_id, url, description, event_types, created_by, created_at, creation_key,
           disabled_because, disabled_at, is_owner_told, failing_since, succeeded_at
    FROM notifications.webhooks
"""
BY_ID = SELECT + " WHERE id = %(id)s"
BY_CREATION_KEY = SELECT + " WHERE account_id = %(account_id)s AND creation_key = %(key)s"
AFTER = SELECT + " WHERE id > %(after)s ORDER BY id LIMIT %(limit)s"
OF_ACCOUNTS_AFTER = SELECT + " WHERE account_id = ANY (%(accounts)s) AND id > %(after)s ORDER BY id LIMIT %(limit)s"
FOR_EVENT = (
    SELECT
    + """ WHERE account_id = %(account_id)s AND %(event_type)s = ANY (event_types) AND disabled_because IS NULL
              AND (instance_id IS NULL OR instance_id = %(instance_id)s)
          ORDER BY id FOR KEY SHARE
"""
)
UNTOLD = SELECT + " WHERE disabled_because IN ('gone', 'failing') AND NOT is_owner_told ORDER BY id"
# Not of one that was changed meanwhile: it may be enabled again.
OWNER_TOLD = """
    UPDATE notifications.webhooks SET is_owner_told = true WHERE id = %(id)s AND disabled_at = %(disabled_at)s
"""
FOR_METRICS = SELECT + " WHERE %(metrics)s = ANY (event_types) AND disabled_because IS NULL ORDER BY id"
# Not as strong as for a deletion: deliveries may be added meanwhile.
LOCKED = BY_ID + " FOR NO KEY UPDATE"
COUNT = "SELECT count(*) FROM notifications.webhooks WHERE account_id = %(account_id)s"
LOCK_ACCOUNT = "SELECT pg_advisory_xact_lock(hashtextextended('webhooks of ' || %(account_id)s, 0))"
INSERT = """
    INSERT INTO notifications.webhooks
        (id, user_id, org_id, instance_id, url, description, event_types, created_by, created_at, creation_key)
    VALUES (%(id)s, %(user_id)s, %(org_id)s, %(instance_id)s, %(url)s, %(description)s, %(event_types)s,
            %(created_by)s, %(created_at)s, %(creation_key)s)
"""
UPDATE = """
    UPDATE notifications.webhooks
    SET url = %(url)s, description = %(description)s, event_types = %(event_types)s,
        disabled_because = %(disabled_because)s, disabled_at = %(disabled_at)s, is_owner_told = %(is_owner_told)s,
        failing_since = %(failing_since)s, succeeded_at = %(succeeded_at)s
    WHERE id = %(id)s
"""
DELETE = "DELETE FROM notifications.webhooks WHERE id = %(id)s"


def _webhook(**row: Any) -> Webhook:
    because = row["disabled_because"]
    typed = {
        "event_types": frozenset(row["event_types"]),
        "disabled_because": None if because is None else DisabledBecause(because),
    }
    return Webhook(**{**row, **typed})


async def webhook(tx: Connection, webhook_id: str, *, is_locked: bool = False) -> Webhook | None:
    found = await _select(tx, LOCKED if is_locked else BY_ID, {"id": webhook_id})
    return found[0] if found else None


async def by_creation_key(tx: Connection, account_id: str, key: str) -> Webhook | None:
    found = await _select(tx, BY_CREATION_KEY, {"account_id": account_id, "key": key})
    return found[0] if found else None


async def webhooks_after(tx: Connection, accounts: Collection[str] | None, after: str, limit: int) -> Sequence[Webhook]:
    """Those of these accounts, or all, by id."""
    if accounts is None:
        return await _select(tx, AFTER, {"after": after, "limit": limit})
    return await _select(tx, OF_ACCOUNTS_AFTER, {"accounts": sorted(accounts), "after": after, "limit": limit})


async def for_event(tx: Connection, account_id: str, event_type: str, instance_id: str | None) -> Sequence[Webhook]:
    """The enabled webhooks that are to be told, none of which is deleted before the transaction ends."""
    facts = {"account_id": account_id, "event_type": event_type, "instance_id": instance_id}
    return await _select(tx, FOR_EVENT, facts)


async def for_metrics(tx: Connection) -> Sequence[Webhook]:
    """Every enabled webhook that gets the current usage."""
    return await _select(tx, FOR_METRICS, {"metrics": METRICS})


async def untold(tx: Connection) -> Sequence[Webhook]:
    """Webhooks that were disabled because they are gone or failing, and whose owner was not told."""
    return await _select(tx, UNTOLD, {})


async def note_told(tx: Connection, webhook: Webhook) -> None:
    """Note that its owner was told that it is disabled."""
    await tx.execute(OWNER_TOLD, {"id": webhook.id, "disabled_at": webhook.disabled_at})


async def lock_account(tx: Connection, account_id: str) -> None:
    """Let nobody else make a webhook of this account until the transaction ends."""
    await tx.execute(LOCK_ACCOUNT, {"account_id": account_id})


async def count(tx: Connection, account_id: str) -> int:
    row = await (await tx.execute(COUNT, {"account_id": account_id})).fetchone()
    return int(row[0]) if row else 0


async def insert(tx: Connection, made: Webhook) -> None:
    await tx.execute(INSERT, _facts(made))


async def update(tx: Connection, changed: Webhook) -> None:
    await tx.execute(UPDATE, _facts(changed))


async def delete(tx: Connection, webhook_id: str) -> None:
    """With its secrets, deliveries and attempts."""
    await tx.execute(DELETE, {"id": webhook_id})


def _facts(webhook: Webhook) -> dict[str, Any]:
    facts = {field.name: getattr(webhook, field.name) for field in fields(webhook)}
    return {**facts, "event_types": sorted(webhook.event_types)}


async def _select(tx: Connection, statement: str, facts: dict[str, Any]) -> Sequence[Webhook]:
    cursor = tx.cursor(row_factory=kwargs_row(_webhook))
    return await (await cursor.execute(statement, facts)).fetchall()
