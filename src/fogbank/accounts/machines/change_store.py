"""SQL of what changed about credentials: numbered in the order of commits, told to whoever listens."""

from datetime import datetime

from fogbank.runtime.credentials.changes import Change
from fogbank.runtime.database import Connection

LISTEN = "LISTEN fogbank_credentials"
ANNOUNCE = "SELECT accounts.credentials_change(%(subject)s)"
NEWEST = "SELECT change FROM accounts.credential_head"
FORGOTTEN = "SELECT forgotten FROM accounts.credential_head"
CHANGES_SINCE = """
    SELECT change, subject FROM accounts.credential_changes WHERE change > %(since)s ORDER BY change LIMIT %(limit)s
"""
FORGET = """
    WITH gone AS (
        DELETE FROM accounts.credential_changes WHERE at < %(before)s AND change <= (
            SELECT coalesce(max(change), 0) FROM accounts.credential_changes WHERE at < %(before)s
        ) RETURNING change
    )
    UPDATE accounts.credential_head SET forgotten = greatest(forgotten, (SELECT max(change) FROM gone))
"""


async def listen(connection: Connection) -> None:
    """From here on, this connection is notified of each change."""
    await connection.execute(LISTEN)


async def announce(tx: Connection, subject: str) -> None:
    """Number a change of `subject` when the transaction commits."""
    await tx.execute(ANNOUNCE, {"subject": subject})


async def newest(tx: Connection) -> int:
    """The number of the last change that was committed; 0 when there was none."""
    row = await (await tx.execute(NEWEST)).fetchone()
    return 0 if row is None else int(row[0])


async def forgotten(tx: Connection) -> int:
    """The number up to which changes are no longer kept."""
    row = await (await tx.execute(FORGOTTEN)).fetchone()
    return 0 if row is None else int(row[0])


async def since(tx: Connection, number: int, limit: int) -> list[Change]:
    """The next changes after `number`, in their order."""
    rows = await (await tx.execute(CHANGES_SINCE, {"since": number, "limit": limit})).fetchall()
    return [Change(number, subject) for number, subject in rows]


async def forget(tx: Connection, before: datetime) -> None:
    """Keep changes no longer that were made before then."""
    await tx.execute(FORGET, {"before": before})
