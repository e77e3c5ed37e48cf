"""What the ledger does, in the words of the domain: post, tell what accounts have and had, account for itself."""

from collections.abc import Sequence
from dataclasses import dataclass

from fogbank.accounts.ledger.auditing import store as auditing_store
from fogbank.accounts.ledger.auditing.verifying import ChainReport, Progress, verify_chain
from fogbank.accounts.ledger.client import BalanceView, ChainView, LedgerFigures
from fogbank.accounts.ledger.model import Transfer
from fogbank.accounts.ledger.posting.operations import AnyOperation
from fogbank.accounts.ledger.posting.sheet import Outcome
from fogbank.accounts.ledger.posting.writer import Writer
from fogbank.accounts.ledger.reading.service import Reading
from fogbank.accounts.ledger.reading.statements import Statements
from fogbank.kernel.money import credits_from_micros
from fogbank.runtime.clock import Clock
from fogbank.runtime.database import Database


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
        """What the account has now."""
        return await self.reading.balance(account_id)

    @property
    def reading(self) -> Reading:
        """What accounts have and had."""
        return Reading(self.database, self.clock, self.currency)

    @property
    def statements(self) -> Statements:
        return Statements(self.database, self.clock, self.currency)

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


def chain_view(report: ChainReport) -> ChainView:
    """The view of a walk along the chain; only the first of what is broken is named."""
    broken = report.broken[: auditing_store.NAMED_MAX]
    return ChainView(ok=not broken, batches=report.batches, hash=report.hash.hex(), broken=broken)
