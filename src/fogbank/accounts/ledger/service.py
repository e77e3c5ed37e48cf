"""What the ledger does, in the words of the domain: post, tell balances, account for itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, timedelta

from fogbank.accounts.ledger.auditing import store as auditing_store
from fogbank.accounts.ledger.auditing.verifying import ChainReport, Progress, verify_chain
from fogbank.accounts.ledger.client import (
    BalanceHistoryView,
    BalanceView,
    ChainView,
    DayBalance,
    GrantView,
    LedgerFigures,
    StatementLine,
    StatementView,
)
from fogbank.accounts.ledger.model import Transfer
from fogbank.accounts.ledger.posting.operations import AnyOperation
from fogbank.accounts.ledger.posting.sheet import Outcome
from fogbank.accounts.ledger.posting.writer import Writer
from fogbank.accounts.ledger.reading import store as reading_store
from fogbank.accounts.ledger.reading.store import OwnedAccount
from fogbank.kernel.money import credits_from_micros
from fogbank.runtime.clock import Clock
from fogbank.runtime.database import Database

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class LedgerService:
    """The ledger of one installation, in one currency."""

    database: Database
    writer: Writer
    clock: Clock
    currency: str

    async def post(self, operation: AnyOperation) -> Transfer:
        """Post one operation; raises its `Refused`, or `LedgerUnavailable`."""
        return await self.writer.post(operation)

    async def post_all(self, operations: Sequence[AnyOperation]) -> list[Outcome]:
        """What becomes of each operation, in order; raises `LedgerUnavailable`."""
        return await self.writer.post_all(operations)

    async def balance(self, account_id: str) -> BalanceView:
        """What the account has. One that was never posted to has nothing, and owes nothing."""
        now = self.clock()
        async with self.database.connection() as connection:
            owned = await reading_store.accounts_of_owner(connection, account_id, now)
        return balance_view(account_id, self.currency, owned)

    async def balance_history(self, account_id: str, days: int) -> BalanceHistoryView:
        """The balance at the end of each of the last `days` days in UTC; of the present day, now."""
        now = self.clock()
        today = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        starts = [today - DAY * back for back in reversed(range(days))]
        ends = [min(start + DAY, now + timedelta.resolution) for start in starts]
        async with self.database.connection() as connection:
            balances = await reading_store.balances_at(connection, account_id, ends)
        of_days = [
            DayBalance(start, credits_from_micros(balance_micros))
            for start, balance_micros in zip(starts, balances, strict=True)
        ]
        return BalanceHistoryView(account_id, self.currency, of_days)

    async def statement(self, account_id: str, before: int | None, limit: int) -> StatementView:
        """The latest transfers that touched the account, those before the cursor if given."""
        async with self.database.connection() as connection:
            rows = await reading_store.statement(connection, account_id, before, limit)
        lines = [
            StatementLine(row.id, row.kind, row.posted_at, credits_from_micros(row.change_micros), row.memo)
            for row in rows
        ]
        return StatementView(lines, rows[-1].sequence if len(rows) == limit else None)

    async def figures(self, charge_prefix: str) -> LedgerFigures:
        """Everything added up and hashed again, at one instant."""
        async with self.database.connection() as connection:
            await auditing_store.begin_one_instant(connection)
            transfers, entries, balances_micros = await auditing_store.counts(connection)
            charges = await auditing_store.charges(connection, charge_prefix)
            figures = LedgerFigures(
                transfers=transfers,
                entries=entries,
                balances_sum=credits_from_micros(balances_micros),
                differing_accounts=await auditing_store.names_of(connection, auditing_store.DIFFERING_ACCOUNTS),
                broken_entries=await auditing_store.names_of(connection, auditing_store.BROKEN_ENTRIES),
                unbalanced_transfers=await auditing_store.names_of(connection, auditing_store.UNBALANCED_TRANSFERS),
                differing_holds=await auditing_store.names_of(connection, auditing_store.DIFFERING_HOLDS),
                charges={account_id: credits_from_micros(micros) for account_id, micros in charges.items()},
                chain=chain_view(await verify_chain(connection)),
            )
            await auditing_store.commit(connection)
        return figures

    async def verify_chain(self, progress: Progress) -> ChainReport:
        """Walk the chain alone, and tell how far it is."""
        async with self.database.connection() as connection:
            await auditing_store.begin_one_instant(connection)
            report = await verify_chain(connection, progress)
            await auditing_store.commit(connection)
        return report


def balance_view(account_id: str, currency: str, owned: Sequence[OwnedAccount]) -> BalanceView:
    """The view of a payer's ledger accounts."""
    sums = dict.fromkeys(("customer", "grant", "arrears"), 0)
    for account in owned:
        sums[account.kind] += account.balance_micros
    held_micros = sum(account.held_micros for account in owned)
    balance_micros = sums["customer"] + sums["grant"]
    return BalanceView(
        account_id=account_id,
        currency=currency,
        balance=credits_from_micros(balance_micros),
        available=credits_from_micros(balance_micros - held_micros),
        held=credits_from_micros(held_micros),
        floor=credits_from_micros(sum(account.floor_micros for account in owned)),
        arrears=credits_from_micros(-sums["arrears"]),
        grants=[_grant_view(account) for account in owned if account.kind == "grant"],
    )


def chain_view(report: ChainReport) -> ChainView:
    """The view of a walk along the chain; only the first of what is broken is named."""
    broken = report.broken[: auditing_store.NAMED_MAX]
    return ChainView(ok=not broken, batches=report.batches, hash=report.hash.hex(), broken=broken)


def _grant_view(account: OwnedAccount) -> GrantView:
    assert account.grant_kind is not None
    assert account.priority is not None
    return GrantView(
        id=account.name.removeprefix("grant:"),
        kind=account.grant_kind,
        remaining=credits_from_micros(account.balance_micros),
        priority=account.priority,
        expires_at=account.expires_at,
    )
