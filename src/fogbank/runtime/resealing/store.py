"""SQL of sealing anew. Tables come from our own list, never from anybody's words."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from psycopg.rows import class_row
from psycopg.sql import SQL, Composed, Identifier

from fogbank.runtime.database import Connection
from fogbank.runtime.resealing.columns import SealedColumn

EXISTS = "SELECT to_regclass(%s) IS NOT NULL"
USED = "SELECT DISTINCT key_id FROM {table} WHERE sealed IS NOT NULL"
BATCH = """
    SELECT ctid::text AS place, {owner} AS owner, key_id, sealed FROM {table}
    WHERE ctid > %(after)s::tid AND key_id <> %(present)s AND sealed IS NOT NULL
    ORDER BY ctid LIMIT %(limit)s FOR UPDATE
"""
RESEAL = "UPDATE {table} SET key_id = %s, sealed = %s WHERE ctid = %s::tid"


@dataclass(frozen=True, slots=True)
class Sealed:
    """A row's secret; `place` is where the row is, as long as it is locked."""

    place: str
    owner: str
    key_id: str
    sealed: bytes = field(repr=False)


async def exists(connection: Connection, column: SealedColumn) -> bool:
    """Whether the table is there: each component brings its own."""
    [(found,)] = await (await connection.execute(EXISTS, [column.table])).fetchall()
    return bool(found)


async def used_keys(connection: Connection, column: SealedColumn) -> set[str]:
    cursor = await connection.execute(_on(USED, column))
    return {key_id for (key_id,) in await cursor.fetchall()}


async def sealed_by_others(
    tx: Connection, column: SealedColumn, present_id: str, after: str, limit: int
) -> Sequence[Sealed]:
    """Rows behind the place `after` that another key than `present_id` sealed, locked."""
    cursor = tx.cursor(row_factory=class_row(Sealed))
    parameters = {"after": after, "present": present_id, "limit": limit}
    return await (await cursor.execute(_on(BATCH, column), parameters)).fetchall()


async def reseal(tx: Connection, column: SealedColumn, place: str, key_id: str, sealed: bytes) -> None:
    await tx.execute(_on(RESEAL, column), [key_id, sealed, place])


def _on(statement: str, column: SealedColumn) -> Composed:
    schema, table = column.table.split(".")
    named = statement.replace("{owner}", column.owner)
    return SQL(named).format(table=Identifier(schema, table))
