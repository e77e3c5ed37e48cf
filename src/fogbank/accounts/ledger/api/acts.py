"""An act on money by whoever calls: with a reason where it takes one, in the activity log first, then posted, once.

The log and the ledger are written one after the other. The act is told before it is done, so nothing is ever done that
is not in the log, however this process ends. Its entry has an id made of all that it says: who repeats the same adds
none. An act that the ledger refuses has a second entry that says so, and a third where it is done later all the same.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Self

import msgspec

from fogbank.accounts.activity import store as activity_store
from fogbank.accounts.activity import writing
from fogbank.accounts.activity.model import Act
from fogbank.accounts.activity.reasons import reason_for
from fogbank.accounts.activity.recording import actor_kind_of, source_of
from fogbank.accounts.ledger.client import TransferView
from fogbank.accounts.ledger.errors import Refused
from fogbank.accounts.ledger.posting.operation import MEMO_LENGTH_MAX
from fogbank.accounts.ledger.posting.operations import AnyOperation
from fogbank.accounts.ledger.problems import problem_of
from fogbank.accounts.ledger.rendering import transfer_view
from fogbank.accounts.ledger.service import LedgerService
from fogbank.kernel.money import credits_from_micros
from fogbank.runtime.auth import Caller, CallerKind


@dataclass(frozen=True, slots=True)
class Acting:
    """Who acts on money, and the reason that they gave."""

    caller: Caller
    reason: str

    @classmethod
    def of(cls, caller: Caller, reason: str) -> Self:
        """`ReasonNeeded` where an administrator gave none, for their own account too: no owner may do what they do."""
        return cls(caller, reason_for(caller, [], reason))

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
    """Records what callers ask for, and posts it."""

    service: LedgerService

    async def post(self, acting: Acting, operation: AnyOperation, *, is_recorded: bool = False) -> TransferView:
        """The transfer of `operation`, which is in the log too where a person acts, or where it says so."""
        if not (is_recorded or acting.is_recorded):
            return transfer_view(await self.service.post(operation), self.service.currency)
        act = self._act(
            acting,
            f"ledger.{operation.kind.value}",
            f"transfer:{operation.id}",
            await self.service.account_of(operation),
            _content(operation, self.service.currency),
        )
        await self._record(act)
        try:
            transfer = await self.service.post(operation)
        except Refused as refused:
            await self._record(_refused(act, refused))
            raise
        if await self._was_refused(act):
            await self._record(replace(act, id=f"{act.id}_done", action=f"{act.action}.done"))
        return transfer_view(transfer, self.service.currency)

    async def record_batch(self, acting: Acting, account_ids: Collection[str], after: Mapping[str, object]) -> None:
        """Put into the log that a batch is about to be deducted."""
        account_id = next(iter(account_ids)) if len(account_ids) == 1 else ""
        await self._record(self._act(acting, "ledger.deduct_batch", "ledger:deductions", account_id, after))

    def _act(self, acting: Acting, action: str, subject: str, account_id: str, after: Mapping[str, object]) -> Act:
        said = (acting.caller.id, action, subject, account_id, acting.reason, after)
        return Act(
            id=f"act_{sha256(msgspec.json.encode(said)).hexdigest()[:32]}",
            actor_id=acting.caller.id,
            action=action,
            subject=subject,
            reason=acting.reason,
            before=None,
            after=after,
            account_id=account_id,
            actor_kind=actor_kind_of(acting.caller),
            source=source_of(acting.caller),
        )

    async def _was_refused(self, act: Act) -> bool:
        async with self.service.database.connection() as connection:
            return await activity_store.has_action(connection, act.subject, _refusal_of(act))

    async def _record(self, act: Act) -> None:
        async with self.service.database.transaction() as tx:
            await writing.append_once(tx, act, self.service.clock())


def _content(operation: AnyOperation, currency: str) -> dict[str, object]:
    """What is asked: its amount, where it is not that of what it names, and what else its kind says."""
    amount_micros = operation.amount_micros
    return {
        "amount": None if amount_micros is None else credits_from_micros(amount_micros),
        "currency": currency,
        "memo": operation.memo,
        "details": msgspec.json.decode(operation.details or "[]"),
    }


def _refused(act: Act, refused: Refused) -> Act:
    """That an act was refused; again only where it is for another reason."""
    problem = problem_of(refused)
    after = {**(act.after or {}), "problem": problem.kind, "detail": problem.detail}
    told = sha256(f"{problem.kind} {problem.detail}".encode()).hexdigest()[:8]
    return replace(act, id=f"{act.id}_{told}", action=_refusal_of(act), after=after)


def _refusal_of(act: Act) -> str:
    return f"{act.action}.refused"
