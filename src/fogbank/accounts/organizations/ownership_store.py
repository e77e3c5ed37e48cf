"""SQL of offers of ownership."""

from datetime import datetime

from psycopg.rows import class_row

from fogbank.accounts.organizations.model import OfferState, OwnershipOffer
from fogbank.runtime.database import Connection

INSERT = """
    INSERT INTO accounts.ownership_offers (id, org_id, from_user_id, to_user_id, created_at, expires_at)
    VALUES (%(id)s, %(org_id)s, %(from_user_id)s, %(to_user_id)s, %(created_at)s, %(expires_at)s)
"""
OPEN = """
    SELECT id, org_id, from_user_id, to_user_id, created_at, expires_at FROM accounts.ownership_offers
    WHERE org_id = %(org_id)s AND state = 'open'
"""
END = """
    UPDATE accounts.ownership_offers SET state = %(state)s, ended_at = %(now)s
    WHERE org_id = %(org_id)s AND state = 'open'
"""


async def insert(tx: Connection, offer: OwnershipOffer) -> None:
    await tx.execute(INSERT, {name: getattr(offer, name) for name in OwnershipOffer.__slots__})


async def open_offer(tx: Connection, org_id: str) -> OwnershipOffer | None:
    """The one that nobody accepted or withdrew, be its time over or not."""
    cursor = tx.cursor(row_factory=class_row(OwnershipOffer))
    return await (await cursor.execute(OPEN, {"org_id": org_id})).fetchone()


async def end(tx: Connection, org_id: str, state: OfferState, now: datetime) -> None:
    await tx.execute(END, {"org_id": org_id, "state": state, "now": now})
