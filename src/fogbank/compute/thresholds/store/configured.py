"""SQL of the thresholds that are set."""

from collections.abc import Collection
from typing import Any

from psycopg.rows import kwargs_row

from fogbank.compute.thresholds.model import (
    Action,
    Channel,
    ResourceType,
    Subject,
    SubjectKind,
    Terms,
    Threshold,
    ThresholdType,
)
from fogbank.runtime.database import Connection

INSERT_ONCE = """
    INSERT INTO compute.thresholds (
        id, account_id, subject_kind, subject_id, resource_type, threshold_type, value_micros, units, action, channels,
        name, hysteresis_percent, cooling_seconds, is_administrators, revision, created_by, created_at, changed_at
    )
    VALUES (
        %(id)s, %(account_id)s, %(subject_kind)s, %(subject_id)s, %(resource_type)s, %(threshold_type)s,
        %(value_micros)s, %(units)s, %(action)s, %(channels)s, %(name)s, %(hysteresis_percent)s, %(cooling_seconds)s,
        %(is_administrators)s, %(revision)s, %(created_by)s, %(created_at)s, %(changed_at)s
    )
    ON CONFLICT (id) DO NOTHING
    RETURNING id
"""

UPDATE = """
    UPDATE compute.thresholds SET
        value_micros = %(value_micros)s, units = %(units)s, action = %(action)s, channels = %(channels)s,
        name = %(name)s, hysteresis_percent = %(hysteresis_percent)s,
        cooling_seconds = %(cooling_seconds)s, is_administrators = %(is_administrators)s, revision = %(revision)s,
        changed_at = %(changed_at)s
    WHERE id = %(id)s AND revision = %(revision)s - 1
    RETURNING id
"""

DELETE = "DELETE FROM compute.thresholds WHERE id = %(id)s"

SELECT = """
    SELECT id, account_id, subject_kind, subject_id, resource_type, threshold_type, value_micros, units, action,
        channels, name, hysteresis_percent, cooling_seconds, is_administrators, revision, created_by, created_at,
        changed_at
    FROM compute.thresholds
"""
SELECT_ONE = SELECT + " WHERE id = %(id)s"
SELECT_THOSE = SELECT + " WHERE id = ANY (%(ids)s)"
SELECT_PAGE = (
    SELECT
    + """
    WHERE id > %(after)s AND (%(accounts)s::text[] IS NULL OR account_id = ANY (%(accounts)s))
    ORDER BY id LIMIT %(limit)s
"""
)

COUNT_OF_ACCOUNT = """
    SELECT count(*) FROM compute.thresholds
    WHERE account_id = %(account_id)s AND is_administrators = %(is_administrators)s
"""

LOCK_ACCOUNT = "SELECT pg_advisory_xact_lock(hashtextextended('compute.thresholds:' || %(account_id)s, 0))"

NOTE_CHANGE = "UPDATE compute.threshold_changes SET change = change + 1"

SELECT_CHANGE = "SELECT change FROM compute.threshold_changes"


def _threshold(**row: Any) -> Threshold:
    terms = Terms(
        subject=Subject(SubjectKind(row["subject_kind"]), row["subject_id"]),
        resource_type=ResourceType(row["resource_type"]),
        threshold_type=ThresholdType(row["threshold_type"]),
        value_micros=row["value_micros"],
        units=row["units"],
        action=Action(row["action"]),
        channels=tuple(Channel(each) for each in row["channels"]),
        name=row["name"],
        hysteresis_percent=row["hysteresis_percent"],
        cooling_seconds=row["cooling_seconds"],
    )
    return Threshold(
        id=row["id"],
        terms=terms,
        account_id=row["account_id"],
        is_administrators=row["is_administrators"],
        revision=row["revision"],
        created_by=row["created_by"],
        created_at=row["created_at"],
        changed_at=row["changed_at"],
    )


def _row(threshold: Threshold) -> dict[str, Any]:
    terms = threshold.terms
    facts = {name: getattr(threshold, name) for name in Threshold.__slots__ if name != "terms"}
    said = {name: getattr(terms, name) for name in Terms.__slots__ if name not in ("subject", "channels")}
    subject = {"subject_kind": terms.subject.kind, "subject_id": terms.subject.id}
    return {**facts, **said, **subject, "channels": [str(each) for each in terms.channels]}


async def insert_once(tx: Connection, threshold: Threshold) -> bool:
    """Set a threshold; False where its id is taken, and then nothing has changed."""
    inserted = await (await tx.execute(INSERT_ONCE, _row(threshold))).fetchone()
    if inserted is not None:
        await tx.execute(NOTE_CHANGE)
    return inserted is not None


async def update(tx: Connection, threshold: Threshold) -> bool:
    """Change a threshold to its next revision; False where somebody else was quicker."""
    updated = await (await tx.execute(UPDATE, _row(threshold))).fetchone()
    if updated is not None:
        await tx.execute(NOTE_CHANGE)
    return updated is not None


async def delete(tx: Connection, threshold_id: str) -> None:
    """Remove a threshold, and with it where it stands. What was told of it stays told."""
    await tx.execute(DELETE, {"id": threshold_id})
    await tx.execute(NOTE_CHANGE)


async def threshold(tx: Connection, threshold_id: str) -> Threshold | None:
    cursor = tx.cursor(row_factory=kwargs_row(_threshold))
    return await (await cursor.execute(SELECT_ONE, {"id": threshold_id})).fetchone()


async def page(tx: Connection, accounts: Collection[str] | None, after: str, limit: int) -> list[Threshold]:
    """The thresholds of these accounts, or of all for None, by id, after `after`."""
    cursor = tx.cursor(row_factory=kwargs_row(_threshold))
    asked = {"accounts": None if accounts is None else sorted(accounts), "after": after, "limit": limit}
    return await (await cursor.execute(SELECT_PAGE, asked)).fetchall()


async def those(tx: Connection, ids: Collection[str]) -> list[Threshold]:
    """The thresholds of these ids, in no order."""
    cursor = tx.cursor(row_factory=kwargs_row(_threshold))
    return await (await cursor.execute(SELECT_THOSE, {"ids": sorted(ids)})).fetchall()


async def count_locked(tx: Connection, account_id: str, *, is_administrators: bool) -> int:
    """How many an account has; nobody else adds one until the transaction ends."""
    await tx.execute(LOCK_ACCOUNT, {"account_id": account_id})
    asked = {"account_id": account_id, "is_administrators": is_administrators}
    row = await (await tx.execute(COUNT_OF_ACCOUNT, asked)).fetchone()
    return 0 if row is None else int(row[0])


async def change(tx: Connection) -> int:
    """How often any threshold has changed."""
    row = await (await tx.execute(SELECT_CHANGE)).fetchone()
    return 0 if row is None else int(row[0])
