"""What accounts had and have: balances, transfers and holds. Statements are in `statements.py`."""

from collections import defaultdict
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from fogbank.accounts.ledger.client import (
    BalanceHistoryView,
    BalanceView,
    DayBalance,
    HoldsView,
    PostedTransfer,
    TransfersView,
)
from fogbank.accounts.ledger.reading import balance_store, hold_store, transfer_store
from fogbank.accounts.ledger.reading.positions import just_before
from fogbank.accounts.ledger.reading.rendering import balance_then_view, balance_view, hold_view, posted_transfer
from fogbank.accounts.ledger.reading.runway import MEASURED, Spending, measured_since
from fogbank.accounts.ledger.reading.transfer_store import LegRow, Wanted
from fogbank.kernel.money import credits_from_micros
from fogbank.runtime.clock import Clock
from fogbank.runtime.database import Connection, Database, seeing_every_tenant_in
from fogbank.runtime.tenancy import present_tenancy

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Reading:
    """Reads the ledger, in its one currency. An account that was never posted to has nothing, and owes nothing."""

    database: Database
    clock: Clock
    currency: str

    async def balance(self, account_id: str) -> BalanceView:
        """What the account has now."""
        now = self.clock()
        async with self.database.connection() as connection:
            owned = await balance_store.owned(connection, account_id, now)
            async with nullcontext() if present_tenancy() is None else seeing_every_tenant_in(connection):
                spent_micros, first_at = await balance_store.spending(connection, account_id, now - MEASURED)
        spending = Spending(spent_micros, now - measured_since(now, first_at))
        return balance_view(account_id, self.currency, owned, spending, now)

    async def balance_then(self, account_id: str, at: datetime) -> BalanceView:
        """What the account had just before `at`."""
        async with self.database.connection() as connection:
            [sequence] = await balance_store.sequences_before(connection, [at])
            accounts = await balance_store.accounts_then(connection, account_id, sequence)
            terms = await balance_store.terms_then(connection, account_id, sequence, at)
        return balance_then_view(account_id, self.currency, accounts, terms, just_before(sequence, at))

    async def balance_history(self, account_id: str, days: int) -> BalanceHistoryView:
        """The balance at the end of each of the last `days` days in UTC; of the present day, now."""
        now = self.clock()
        today = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        starts = [today - DAY * back for back in reversed(range(days))]
        ends = [min(start + DAY, now + timedelta.resolution) for start in starts]
        of_days = list[DayBalance]()
        async with self.database.connection() as connection:
            balances = await balance_store.balances_before(connection, account_id, ends)
        for start, balance_micros in zip(starts, balances, strict=True):
            of_days.append(DayBalance(start, credits_from_micros(balance_micros)))
        return BalanceHistoryView(account_id, self.currency, of_days)

    async def transfers(
        self,
        account_id: str,
        wanted: Wanted,
        start: datetime | None = None,
        end: datetime | None = None,
        *,
        with_all_legs: bool = False,
    ) -> TransfersView:
        """A page of the account's transfers, those posted from `start`, included, to `end`, excluded."""
        async with self.database.connection() as connection:
            within = await _within(connection, wanted, start, end)
            rows = await transfer_store.transfers(connection, account_id, within)
            legs = await _legs(connection, account_id, [row.sequence for row in rows], with_all_legs=with_all_legs)
            async with seeing_every_tenant_in(connection):
                reversals = await transfer_store.reversals_of(connection, [row.id for row in rows])
        by_sequence = defaultdict[int, list[LegRow]](list)
        for leg in legs:
            by_sequence[leg.sequence].append(leg)
        shown = [posted_transfer(row, by_sequence[row.sequence], reversals.get(row.id)) for row in rows]
        return _page(shown, wanted)

    async def holds(self, account_id: str, *, before: int | None, is_open: bool | None, limit: int) -> HoldsView:
        """A page of the account's holds: the open ones, those that ended, or all."""
        now = self.clock()
        async with self.database.connection() as connection:
            rows = await hold_store.holds(connection, account_id, now, before=before, is_open=is_open, limit=limit)
            async with seeing_every_tenant_in(connection):
                endings = await hold_store.endings_of(connection, [row.id for row in rows])
        next_cursor = rows[-1].sequence if len(rows) == limit else None
        return HoldsView(account_id, self.currency, [hold_view(row, endings.get(row.id)) for row in rows], next_cursor)


def _page(shown: list[PostedTransfer], wanted: Wanted) -> TransfersView:
    is_more = wanted.is_oldest or len(shown) == wanted.limit
    return TransfersView(
        shown,
        next_cursor=shown[-1].cursor if shown and is_more else None,
        previous_cursor=shown[0].cursor if shown else None,
    )


async def _within(connection: Connection, wanted: Wanted, start: datetime | None, end: datetime | None) -> Wanted:
    """The same, of a period only."""
    instants = [instant for instant in (start, end) if instant is not None]
    sequences = iter(await balance_store.sequences_before(connection, instants) if instants else ())
    after = wanted.after if start is None else max(next(sequences), wanted.after or 0)
    before = wanted.before if end is None else min(next(sequences) + 1, wanted.before or 2**63 - 1)
    return replace(wanted, after=after, before=before)


async def _legs(
    connection: Connection, account_id: str, sequences: Sequence[int], *, with_all_legs: bool
) -> list[LegRow]:
    """The payer's own legs, or all: most are on the payer's and the system's accounts, the rest are looked for."""
    legs = await transfer_store.own_legs(connection, account_id, sequences, with_system=with_all_legs)
    if not with_all_legs:
        return legs
    sums = dict.fromkeys(sequences, 0)
    for leg in legs:
        sums[leg.sequence] += leg.amount_micros
    partly = [sequence for sequence, sum_micros in sums.items() if sum_micros]
    if not partly:
        return legs
    whole = await transfer_store.all_legs(connection, partly)
    return [leg for leg in legs if not sums[leg.sequence]] + whole
