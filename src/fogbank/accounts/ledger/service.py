"""What the ledger does, in the words of the domain: post, tell what accounts have and had, account for itself."""

from collections.abc import Sequence
from dataclasses import dataclass

from fogbank.accounts.ledger.auditing import store as auditing_store
from fogbank.accounts.ledger.auditing.figures import read_figures
from fogbank.accounts.ledger.auditing.verifying import ChainReport, Progress, verify_chain
from fogbank.accounts.ledger.client import BalanceView, LedgerFigures
from fogbank.accounts.ledger.model import Transfer
from fogbank.accounts.ledger.posting import concern_store
from fogbank.accounts.ledger.posting.operations import AnyOperation
from fogbank.accounts.ledger.posting.sheet import Outcome
from fogbank.accounts.ledger.posting.writer import Writer
from fogbank.accounts.ledger.reading.service import Reading
from fogbank.accounts.ledger.reading.statements import Statements
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

    async def account_of(self, operation: AnyOperation) -> str:
        """Whose matter it is: the account that it is of, or that what it names is of; empty where there is no one."""
        async with self.database.connection() as connection:
            return await concern_store.account_of(connection, operation)

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
            return await read_figures(connection, charge_prefix, self.clock())

    async def verify_chain(self, progress: Progress) -> ChainReport:
        """Walk the chain alone, and tell how far it is."""
        async with self.database.connection() as connection:
            await auditing_store.begin_one_instant(connection)
            report = await verify_chain(connection, progress)
            await auditing_store.commit(connection)
        return report
