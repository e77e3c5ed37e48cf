"""Totals for billing: what every payer used so far in each month, of those that moved."""

from dataclasses import dataclass

from fogbank.usage.client import AccountTotal, Totals
from fogbank.usage.rolling import Rolling
from fogbank.usage.rules import month_start, quantity_texts
from fogbank.usage.store import totals
from fogbank.usage.store.engine import Engine
from fogbank.usage.store.schema import METERS


@dataclass(frozen=True, slots=True)
class Totalling:
    """Answers from the payers' days."""

    engine: Engine
    rolling: Rolling

    async def totals(self, changed_since: int) -> Totals:
        """The months' totals of every payer whose usage moved after that cursor, and the next cursor.

        The cursor is that of the last whole pass. What a pass that still runs has moved already is given out when the
        pass is whole: it cannot be left out, though its quantities may be seen before.
        """
        cursor = max(self.rolling.revision, changed_since)
        rows = await totals.changed(self.engine, changed_since, cursor)
        return Totals(
            cursor=cursor,
            totals=[
                AccountTotal(account_id, month_start(month), quantity_texts(METERS, sums))
                for account_id, month, *sums in rows
            ],
        )
