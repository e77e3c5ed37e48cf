"""Totals for billing: what every payer used so far in each month, of those that moved."""

from collections.abc import Sequence
from dataclasses import dataclass

from fogbank.usage.client import AccountTotal, Totals
from fogbank.usage.rolling import Rolling
from fogbank.usage.rules import month_start, quantity_texts
from fogbank.usage.store import totals
from fogbank.usage.store.engine import Engine, Row
from fogbank.usage.store.schema import METERS


@dataclass(frozen=True, slots=True)
class Totalling:
    """Answers from the payers' days."""

    engine: Engine
    rolling: Rolling

    async def changed_since(self, cursor: int) -> Totals:
        """The months' totals of every payer whose usage moved after that cursor, and the next cursor.

        The cursor is that of the last whole pass. What a pass that still runs has moved already is given out when the
        pass is whole: it cannot be left out, though its quantities may be seen before.
        """
        until = max(self.rolling.revision, cursor)
        return _totals(until, await totals.changed(self.engine, cursor, until))

    async def of_account(self, account_id: str) -> Totals:
        """All months' totals of one payer, and the cursor of the last whole pass."""
        until = self.rolling.revision
        return _totals(until, await totals.of_account(self.engine, account_id))


def _totals(cursor: int, rows: Sequence[Row]) -> Totals:
    return Totals(
        cursor=cursor,
        totals=[
            AccountTotal(account_id, month_start(month), quantity_texts(METERS, sums))
            for account_id, month, *sums in rows
        ],
    )
