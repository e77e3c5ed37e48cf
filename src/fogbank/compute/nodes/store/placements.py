"""SQL of placements: written once, ended once."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg.rows import class_row

from fogbank.compute.nodes.model import Placement, Where
from fogbank.runtime.database import Connection

INSERT = """
    INSERT INTO compute.placements
        (instance_id, node_id, user_id, org_id, tier, is_self_placed, since, recorded_at)
    VALUES (%(instance_id)s, %(node_id)s, %(user_id)s, %(org_id)s, %(tier)s, %(is_self_placed)s, %(since)s, %(now)s)
    RETURNING id, instance_id, node_id, user_id, org_id, tier, is_self_placed, since, until, recorded_at, ended_at
"""
END = """
    UPDATE compute.placements SET until = %(until)s, ended_at = %(now)s WHERE id = %(id)s
    RETURNING id, instance_id, node_id, user_id, org_id, tier, is_self_placed, since, until, recorded_at, ended_at
"""
FIND = """
    SELECT placements.id, instance_id, node_id, user_id, org_id, tier, placements.is_self_placed, since, until,
           recorded_at, ended_at, operator_id
    FROM compute.placements LEFT JOIN compute.nodes ON nodes.id = node_id
    WHERE placements.id = %(id)s
"""
OPEN_OF = """
    SELECT id, instance_id, node_id, user_id, org_id, tier, is_self_placed, since, until, recorded_at, ended_at
    FROM compute.placements WHERE instance_id = ANY(%(instance_ids)s) AND until IS NULL
"""
LAST_END = "SELECT max(until) FROM compute.placements WHERE instance_id = %(instance_id)s"
OPEN_ON = """
    SELECT id, instance_id, node_id, user_id, org_id, tier, is_self_placed, since, until, recorded_at, ended_at
    FROM compute.placements
    WHERE node_id = %(node_id)s AND until IS NULL
    ORDER BY instance_id
"""
BEARING_ON = """
    SELECT id, instance_id, node_id, user_id, org_id, tier, is_self_placed, since, until, recorded_at, ended_at
    FROM compute.placements
    WHERE node_id = ANY(%(node_ids)s) AND NOT is_self_placed AND (until IS NULL OR until > %(ended_after)s)
    ORDER BY id
"""
# A customer sees what they pay for, an operator what is on their nodes.
WANTED = """
    SELECT id, instance_id, node_id, user_id, org_id, tier, is_self_placed, since, until, recorded_at, ended_at
    FROM compute.placements
    WHERE id > %(after)s
      AND (%(node_id)s::text IS NULL OR node_id = %(node_id)s)
      AND (%(instance_id)s::text IS NULL OR instance_id = %(instance_id)s)
      AND (%(account_id)s::text IS NULL OR coalesce(org_id, user_id) = %(account_id)s)
      AND (NOT %(only_now)s OR until IS NULL)
      AND (%(visible)s::text[] IS NULL OR coalesce(org_id, user_id) = ANY(%(visible)s)
           OR node_id IN (SELECT nodes.id FROM compute.nodes WHERE operator_id = ANY(%(visible)s)))
    ORDER BY id
    LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which placements somebody asks for, of those that they may see; `visible` None is all."""

    node_id: str | None
    instance_id: str | None
    account_id: str | None
    only_now: bool
    visible: Collection[str] | None


async def insert(tx: Connection, where: Where, since: datetime, now: datetime, *, is_self_placed: bool) -> Placement:
    """Write a placement down; after `as_writer`."""
    facts = {**_facts_of(where), "is_self_placed": is_self_placed, "since": since, "now": now}
    return await _one(tx, INSERT, facts)


async def end(tx: Connection, placement_id: int, until: datetime, now: datetime) -> Placement:
    """Write down when a placement ended; after `as_writer`."""
    return await _one(tx, END, {"id": placement_id, "until": until, "now": now})


async def find(tx: Connection, placement_id: int) -> tuple[Placement, str] | None:
    """A placement, and the operator of its node; an empty name for whom the node is not theirs to see."""
    row = await (await tx.execute(FIND, {"id": placement_id})).fetchone()
    return None if row is None else (Placement(*row[:-1]), row[-1] or "")


async def open_of(tx: Connection, instance_ids: Collection[str]) -> dict[str, Placement]:
    """Where those instances are now."""
    cursor = tx.cursor(row_factory=class_row(Placement))
    found = await (await cursor.execute(OPEN_OF, {"instance_ids": list(instance_ids)})).fetchall()
    return {placement.instance_id: placement for placement in found}


async def last_end(tx: Connection, instance_id: str) -> datetime | None:
    """When the instance's last placement that ended did."""
    row = await (await tx.execute(LAST_END, {"instance_id": instance_id})).fetchone()
    return None if row is None else row[0]


async def open_on(tx: Connection, node_id: str) -> list[Placement]:
    """What is on the node now, placed by somebody or by itself."""
    cursor = tx.cursor(row_factory=class_row(Placement))
    return await (await cursor.execute(OPEN_ON, {"node_id": node_id})).fetchall()


async def bearing_on(tx: Connection, node_ids: Collection[str], ended_after: datetime) -> list[Placement]:
    """What somebody placed on those nodes, and is there, or was until after that instant."""
    cursor = tx.cursor(row_factory=class_row(Placement))
    facts = {"node_ids": list(node_ids), "ended_after": ended_after}
    return await (await cursor.execute(BEARING_ON, facts)).fetchall()


async def wanted(tx: Connection, which: Wanted, after: int, limit: int) -> list[Placement]:
    """The placements asked for, by number, after that one."""
    facts = {
        "node_id": which.node_id,
        "instance_id": which.instance_id,
        "account_id": which.account_id,
        "only_now": which.only_now,
        "visible": None if which.visible is None else list(which.visible),
        "after": after,
        "limit": limit,
    }
    cursor = tx.cursor(row_factory=class_row(Placement))
    return await (await cursor.execute(WANTED, facts)).fetchall()


def _facts_of(where: Where) -> dict[str, Any]:
    return {
        "instance_id": where.instance_id,
        "node_id": where.node_id,
        "user_id": where.user_id,
        "org_id": where.org_id,
        "tier": where.tier,
    }


async def _one(tx: Connection, statement: str, facts: dict[str, Any]) -> Placement:
    cursor = tx.cursor(row_factory=class_row(Placement))
    placement = await (await cursor.execute(statement, facts)).fetchone()
    assert placement is not None, "RETURNING gives the row"
    return placement
