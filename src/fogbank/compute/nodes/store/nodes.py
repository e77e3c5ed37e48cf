"""SQL of nodes and their keys."""

from collections.abc import Collection
from datetime import datetime

from psycopg.rows import class_row

from fogbank.compute.nodes.model import Node, NodeKey
from fogbank.runtime.database import Connection

NODE = """
    SELECT id, operator_id, is_self_placing, registered_at, revoked_at, revoke_reason, change
    FROM compute.nodes WHERE id = %(node_id)s
"""
NODES_AFTER = """
    SELECT id, operator_id, is_self_placing, registered_at, revoked_at, revoke_reason, change
    FROM compute.nodes
    WHERE id > %(after)s AND (%(operators)s::text[] IS NULL OR operator_id = ANY(%(operators)s))
    ORDER BY id
    LIMIT %(limit)s
"""
NODES_CHANGED = """
    SELECT id, operator_id, is_self_placing, registered_at, revoked_at, revoke_reason, change
    FROM compute.nodes
    WHERE change > %(changed_since)s
    ORDER BY change
    LIMIT %(limit)s
"""
LAST_CHANGE = "SELECT coalesce(max(change), 0) FROM compute.nodes"
INSERT_NODE = """
    INSERT INTO compute.nodes (id, operator_id, is_self_placing, registered_at, change)
    SELECT %(id)s, %(operator_id)s, %(is_self_placing)s, %(now)s, coalesce(max(change), 0) + 1 FROM compute.nodes
"""
REVOKE = "UPDATE compute.nodes SET revoked_at = %(now)s, revoke_reason = %(reason)s WHERE id = %(node_id)s"

KEYS_OF = """
    SELECT id, node_id, public_key, valid_from, valid_until
    FROM compute.node_keys WHERE node_id = ANY(%(node_ids)s)
    ORDER BY valid_from, id
"""
KEY = "SELECT id, node_id, public_key, valid_from, valid_until FROM compute.node_keys WHERE id = %(key_id)s"
INSERT_KEY = """
    INSERT INTO compute.node_keys (id, node_id, public_key, valid_from)
    VALUES (%(id)s, %(node_id)s, %(public_key)s, %(valid_from)s)
"""
END_OTHER_KEYS = """
    UPDATE compute.node_keys SET valid_until = %(at)s
    WHERE node_id = %(node_id)s AND id <> %(key_id)s AND (valid_until IS NULL OR valid_until > %(at)s)
"""
SIGNS_IN = """
    SELECT node_id FROM compute.node_keys JOIN compute.nodes ON nodes.id = node_id
    WHERE public_key = %(public_key)s AND revoked_at IS NULL
      AND valid_from <= clock_timestamp() AND (valid_until IS NULL OR valid_until > clock_timestamp())
"""


async def node(tx: Connection, node_id: str) -> Node | None:
    cursor = tx.cursor(row_factory=class_row(Node))
    return await (await cursor.execute(NODE, {"node_id": node_id})).fetchone()


async def nodes_after(tx: Connection, operators: Collection[str] | None, after: str, limit: int) -> list[Node]:
    """The nodes of those operators, or all; by id."""
    facts = {"operators": None if operators is None else list(operators), "after": after, "limit": limit}
    cursor = tx.cursor(row_factory=class_row(Node))
    return await (await cursor.execute(NODES_AFTER, facts)).fetchall()


async def nodes_changed(tx: Connection, changed_since: int, limit: int) -> list[Node]:
    """The nodes whose last change is after that number, in the order of changes."""
    cursor = tx.cursor(row_factory=class_row(Node))
    return await (await cursor.execute(NODES_CHANGED, {"changed_since": changed_since, "limit": limit})).fetchall()


async def last_change(tx: Connection) -> int:
    """The number of the last change of all."""
    row = await (await tx.execute(LAST_CHANGE)).fetchone()
    assert row is not None, "an aggregate has one row"
    return int(row[0])


async def insert_node(tx: Connection, node_id: str, operator_id: str, now: datetime, *, is_self_placing: bool) -> None:
    """A new node, whose change is the next one; after `as_writer`."""
    facts = {"id": node_id, "operator_id": operator_id, "is_self_placing": is_self_placing, "now": now}
    await tx.execute(INSERT_NODE, facts)


async def revoke(tx: Connection, node_id: str, reason: str, now: datetime) -> None:
    await tx.execute(REVOKE, {"node_id": node_id, "reason": reason, "now": now})


async def keys_of(tx: Connection, node_ids: Collection[str]) -> list[NodeKey]:
    """All keys of those nodes, those that hold no longer too; oldest first."""
    cursor = tx.cursor(row_factory=class_row(NodeKey))
    return await (await cursor.execute(KEYS_OF, {"node_ids": list(node_ids)})).fetchall()


async def key(tx: Connection, key_id: str) -> NodeKey | None:
    cursor = tx.cursor(row_factory=class_row(NodeKey))
    return await (await cursor.execute(KEY, {"key_id": key_id})).fetchone()


async def insert_key(tx: Connection, node_key: NodeKey) -> None:
    facts = {"id": node_key.id, "node_id": node_key.node_id, "public_key": node_key.public_key}
    await tx.execute(INSERT_KEY, {**facts, "valid_from": node_key.valid_from})


async def end_other_keys(tx: Connection, node_id: str, key_id: str, at: datetime) -> int:
    """All keys of the node but this one end then, those that do not end sooner; how many did not."""
    return (await tx.execute(END_OTHER_KEYS, {"node_id": node_id, "key_id": key_id, "at": at})).rowcount


async def who_signs_in(tx: Connection, public_key: str) -> str | None:
    """The node whose key this is, where the key holds now and the node was not revoked."""
    row = await (await tx.execute(SIGNS_IN, {"public_key": public_key})).fetchone()
    return None if row is None else str(row[0])
