"""SQL of instances."""

from collections.abc import Collection

from psycopg.rows import class_row

from fogbank.accounts.model import Instance
from fogbank.runtime.database import Connection

INSERT_INSTANCE = """
    INSERT INTO accounts.instances (id, name, user_id, org_id, created_at)
    VALUES (%(id)s, %(name)s, %(user_id)s, %(org_id)s, %(created_at)s)
    ON CONFLICT (id) DO NOTHING
"""
INSTANCE_COLUMNS = "SELECT id, name, account_id, user_id, org_id, created_at, tier FROM accounts.instances"
INSTANCE_BY_ID = INSTANCE_COLUMNS + " WHERE id = %(id)s"
INSTANCES_AFTER = INSTANCE_COLUMNS + " WHERE id > %(after)s ORDER BY id LIMIT %(limit)s"
INSTANCES_OF_ACCOUNTS_AFTER = (
    INSTANCE_COLUMNS + " WHERE account_id = ANY(%(account_ids)s) AND id > %(after)s ORDER BY id LIMIT %(limit)s"
)


async def insert_instance_once(tx: Connection, instance: Instance) -> None:
    await tx.execute(INSERT_INSTANCE, {name: getattr(instance, name) for name in Instance.__slots__})


async def instance(tx: Connection, instance_id: str) -> Instance | None:
    cursor = tx.cursor(row_factory=class_row(Instance))
    return await (await cursor.execute(INSTANCE_BY_ID, {"id": instance_id})).fetchone()


async def instances_after(
    tx: Connection, account_ids: Collection[str] | None, after: str, limit: int
) -> list[Instance]:
    """The instances that these accounts pay for, or all (None), by id."""
    cursor = tx.cursor(row_factory=class_row(Instance))
    facts = {"account_ids": list(account_ids or ()), "after": after, "limit": limit}
    statement = INSTANCES_AFTER if account_ids is None else INSTANCES_OF_ACCOUNTS_AFTER
    return await (await cursor.execute(statement, facts)).fetchall()
