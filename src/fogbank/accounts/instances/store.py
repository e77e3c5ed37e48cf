"""SQL of instances."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from fogbank.accounts.model import Instance
from fogbank.runtime.database import Connection

INSERT_INSTANCE = """
    INSERT INTO accounts.instances (id, name, user_id, org_id, created_at)
    VALUES (%(id)s, %(name)s, %(user_id)s, %(org_id)s, %(created_at)s)
    ON CONFLICT (id) DO NOTHING
"""
INSTANCE_COLUMNS = """
    SELECT id, name, account_id, user_id, org_id, created_at, tier, project_id, labels FROM accounts.instances
"""
INSTANCE_BY_ID = INSTANCE_COLUMNS + " WHERE id = %(id)s"
INSTANCE_LOCKED = INSTANCE_BY_ID + " FOR UPDATE"
INSTANCES_AFTER = (
    INSTANCE_COLUMNS
    + """
    WHERE id > %(after)s AND (%(account_ids)s::text[] IS NULL OR account_id = ANY(%(account_ids)s))
      AND (%(project_id)s::text IS NULL OR project_id = %(project_id)s)
      AND (%(labels)s::jsonb = '{}' OR (labels <> '{}' AND labels @> %(labels)s))
    ORDER BY id LIMIT %(limit)s
"""
)
UPDATE_LABELS = "UPDATE accounts.instances SET labels = %(labels)s WHERE id = %(id)s"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which instances are asked for: those that these accounts pay for (None: all), in a project, with all labels."""

    account_ids: Collection[str] | None = None
    project_id: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)


async def insert_instance_once(tx: Connection, instance: Instance) -> None:
    """Unless an instance of this id is there."""
    facts = ("id", "name", "user_id", "org_id", "created_at")
    await tx.execute(INSERT_INSTANCE, {name: getattr(instance, name) for name in facts})


async def instance(tx: Connection, instance_id: str, *, is_locked: bool = False) -> Instance | None:
    """The instance; locked, so that changes of it come one after the other."""
    cursor = tx.cursor(row_factory=class_row(Instance))
    return await (
        await cursor.execute(INSTANCE_LOCKED if is_locked else INSTANCE_BY_ID, {"id": instance_id})
    ).fetchone()


async def instances_after(tx: Connection, wanted: Wanted, after: str, limit: int) -> list[Instance]:
    """The wanted instances, by id."""
    cursor = tx.cursor(row_factory=class_row(Instance))
    facts = {
        "account_ids": None if wanted.account_ids is None else list(wanted.account_ids),
        "project_id": wanted.project_id,
        "labels": Jsonb(dict(wanted.labels)),
        "after": after,
        "limit": limit,
    }
    return await (await cursor.execute(INSTANCES_AFTER, facts)).fetchall()


async def set_labels(tx: Connection, instance_id: str, labels: Mapping[str, str]) -> None:
    await tx.execute(UPDATE_LABELS, {"id": instance_id, "labels": Jsonb(dict(labels))})
