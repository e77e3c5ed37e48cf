"""SQL of where thresholds stand: what is firing, and the crossings that change it."""

import asyncio
from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fogbank.compute.thresholds.model import Concerned, Firing, Standing
from fogbank.kernel.periods import instant_of, microseconds_of
from fogbank.runtime.database import Connection

# Whoever crosses a threshold says how often it had crossed before: of two who see the same, one is told that it did.
UPSERT = """
    INSERT INTO compute.threshold_states AS stored (
        threshold_id, subject, account_id, user_id, org_id, instance_id, node_id, is_firing, changed_at, crossings,
        value, seen_at
    )
    SELECT crossed.* FROM unnest(
        %(threshold_id)s::text[], %(subject)s::text[], %(account_id)s::text[], %(user_id)s::text[], %(org_id)s::text[],
        %(instance_id)s::text[], %(node_id)s::text[], %(is_firing)s::boolean[], %(changed_at)s::timestamptz[],
        %(crossings)s::integer[], %(value)s::text[], %(changed_at)s::timestamptz[]
    ) AS crossed (
        threshold_id, subject, account_id, user_id, org_id, instance_id, node_id, is_firing, changed_at, crossings,
        value, seen_at
    )
    JOIN compute.thresholds AS threshold ON threshold.id = crossed.threshold_id
    ORDER BY crossed.threshold_id, crossed.subject
    ON CONFLICT (threshold_id, subject) DO UPDATE SET
        account_id = excluded.account_id, user_id = excluded.user_id, org_id = excluded.org_id,
        node_id = excluded.node_id, is_firing = excluded.is_firing, changed_at = excluded.changed_at,
        crossings = excluded.crossings, value = excluded.value, seen_at = excluded.seen_at
    WHERE stored.crossings = excluded.crossings - 1
    RETURNING threshold_id, subject
"""

SELECT_STANDINGS = """
    SELECT threshold_id, subject, is_firing, changed_at, crossings FROM compute.threshold_states
"""

SELECT = """
    SELECT threshold_id, account_id, user_id, org_id, instance_id, node_id, changed_at, value
    FROM compute.threshold_states WHERE is_firing
"""
ORDERED = " ORDER BY threshold_id, subject LIMIT %(limit)s"
SELECT_FIRING = (
    SELECT
    + """
    AND (threshold_id, subject) > (%(threshold_id)s, %(subject)s)
    AND (%(accounts)s::text[] IS NULL OR account_id = ANY (%(accounts)s))
"""
    + ORDERED
)
SELECT_UNSEEN = SELECT + " AND instance_id <> '' AND seen_at < %(before)s" + ORDERED

SEE = """
    UPDATE compute.threshold_states AS stored SET seen_at = %(now)s
    FROM unnest(%(threshold_ids)s::text[], %(subjects)s::text[]) AS seen (threshold_id, subject)
    WHERE (stored.threshold_id, stored.subject) = (seen.threshold_id, seen.subject)
        AND is_firing AND seen_at < %(before)s
"""

FORGET = "DELETE FROM compute.threshold_states WHERE NOT is_firing AND changed_at < %(before)s"


ROWS_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class Crossed:
    """A crossing to write: of which threshold, for whom, and where it stands then. `value` is in its units."""

    threshold_id: str
    concerned: Concerned
    standing: Standing
    value: str


async def standings(tx: Connection) -> AsyncIterator[tuple[tuple[str, str], Standing]]:
    """Where every threshold stands, by threshold and by the key of what it watches; in slices, others in between."""
    cursor = await tx.execute(SELECT_STANDINGS)
    while rows := await cursor.fetchmany(ROWS_AT_ONCE):
        for threshold_id, subject, is_firing, changed_at, crossings in rows:
            yield (threshold_id, subject), Standing(is_firing, microseconds_of(changed_at), crossings)
        await asyncio.sleep(0)


async def cross(tx: Connection, crossed: Sequence[Crossed]) -> set[tuple[str, str]]:
    """Write crossings; returns those that nobody else had written before, of thresholds that are still there."""
    columns: dict[str, list[Any]] = {
        "threshold_id": [each.threshold_id for each in crossed],
        "subject": [each.concerned.key for each in crossed],
        "is_firing": [each.standing.is_firing for each in crossed],
        "changed_at": [instant_of(each.standing.changed_us or 0) for each in crossed],
        "crossings": [each.standing.crossings for each in crossed],
        "value": [each.value for each in crossed],
    }
    for name in Concerned.__slots__:
        columns[name] = [getattr(each.concerned, name) for each in crossed]
    rows = await (await tx.execute(UPSERT, columns)).fetchall()
    return {(threshold_id, subject) for threshold_id, subject in rows}


async def firing(tx: Connection, accounts: Collection[str] | None, after: tuple[str, str], limit: int) -> list[Firing]:
    """What is firing for these accounts, or for all, by threshold and by what it watches, after `after`."""
    asked = {
        "accounts": None if accounts is None else sorted(accounts),
        "threshold_id": after[0],
        "subject": after[1],
        "limit": limit,
    }
    return [_firing(row) for row in await (await tx.execute(SELECT_FIRING, asked)).fetchall()]


async def see(tx: Connection, present: Sequence[tuple[str, str]], now: datetime, before: datetime) -> None:
    """Note that what these thresholds watch is there, where that was noted last before `before`."""
    ids, subjects = [threshold_id for threshold_id, _ in present], [subject for _, subject in present]
    await tx.execute(SEE, {"threshold_ids": ids, "subjects": subjects, "now": now, "before": before})


async def unseen(tx: Connection, before: datetime, limit: int) -> list[Firing]:
    """What is firing for instances that are not there since before `before`."""
    rows = await (await tx.execute(SELECT_UNSEEN, {"before": before, "limit": limit})).fetchall()
    return [_firing(row) for row in rows]


async def forget(tx: Connection, before: datetime) -> None:
    """Forget what is not firing and has not changed since `before`."""
    await tx.execute(FORGET, {"before": before})


def _firing(row: tuple[Any, ...]) -> Firing:
    threshold_id, account_id, user_id, org_id, instance_id, node_id, changed_at, value = row
    return Firing(threshold_id, Concerned(account_id, user_id, org_id, instance_id, node_id), changed_at, value)
