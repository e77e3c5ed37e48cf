"""Charges as their account sees them, page by page."""

from dataclasses import dataclass

from fogbank.billing.client import ChargesView
from fogbank.billing.store import charges as store
from fogbank.billing.views import charge_view
from fogbank.kernel.ids import AccountId
from fogbank.runtime.database import Database

NEWEST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class ChargesService:
    """Reads what was charged."""

    database: Database

    async def charges(self, account_id: AccountId, cursor: int | None, limit: int) -> ChargesView:
        """Up to `limit` charges before `cursor`, newest first."""
        async with self.database.connection() as connection:
            stored = await store.charges_of(connection, account_id, NEWEST if cursor is None else cursor, limit + 1)
        page = stored[:limit]
        has_more = len(stored) > limit
        return ChargesView([charge_view(each) for each in page], page[-1].position if has_more else None)
