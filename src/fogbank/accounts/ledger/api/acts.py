"""An act on money by whoever calls: with a reason where it takes one, posted once, and in the activity log."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from fogbank.accounts.activity.reasons import reason_for
from fogbank.accounts.activity.recording import Recorder
from fogbank.accounts.ledger.client import TransferView
from fogbank.accounts.ledger.posting.operation import MEMO_LENGTH_MAX
from fogbank.accounts.ledger.posting.operations import AnyOperation
from fogbank.accounts.ledger.rendering import transfer_view
from fogbank.accounts.ledger.service import LedgerService
from fogbank.runtime.auth import Caller, CallerKind


@dataclass(frozen=True, slots=True)
class Acting:
    """Who acts on money, and the reason that they gave."""

    caller: Caller
    reason: str

    def for_accounts(self, account_ids: Collection[str]) -> "Acting":
        """The same, with the reason that acting on these accounts takes; `ReasonNeeded` where there is none."""
        return Acting(self.caller, reason_for(self.caller, account_ids, self.reason))

    @property
    def memo(self) -> str:
        """The reason, as much of it as a memo holds."""
        return self.reason[:MEMO_LENGTH_MAX]

    @property
    def is_recorded(self) -> bool:
        """Whether the log is told: of what people do. What services post, the ledger itself is the record of."""
        return self.caller.kind is not CallerKind.SERVICE


@dataclass(frozen=True, slots=True)
class Acts:
    """Posts what callers ask for, and records it."""

    service: LedgerService
    recorder: Recorder

    async def post(self, acting: Acting, operation: AnyOperation, *, is_recorded: bool = False) -> TransferView:
        """The transfer of `operation`, which is in the log too where a person acts, or where it says so.

        It is recorded once it is posted: a repeat under the same id posts nothing, and is recorded as asked again.
        """
        view = transfer_view(await self.service.post(operation), self.service.currency)
        if is_recorded or acting.is_recorded:
            after = {"amount": view.amount, "currency": view.currency, "memo": view.memo}
            await self.record(acting, f"ledger.{view.kind}", f"transfer:{view.id}", view.account_id, after)
        return view

    async def record(
        self, acting: Acting, action: str, subject: str, account_id: str, after: Mapping[str, object]
    ) -> None:
        """Put what was done into the log."""
        async with self.service.database.transaction() as tx:
            await self.recorder.record_in(
                tx, acting.caller, action, subject, account_id=account_id, reason=acting.reason, after=after
            )
