"""The ledger, asked over HTTP as one caller."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from fogbank.accounts.ledger.client.acts import FreezeRequest, ReversalRequest, VoidRequest, WriteOffRequest
from fogbank.accounts.ledger.client.balances import BalanceHistoryView, BalanceView
from fogbank.accounts.ledger.client.charges import ChargeRequest, ChargeResult, PostedChargesView
from fogbank.accounts.ledger.client.credits import CreditLimitRequest, DepositRequest, GrantKindName, GrantRequest
from fogbank.accounts.ledger.client.deductions import AccountDeduction, DeductionsView
from fogbank.accounts.ledger.client.figures import LedgerFigures
from fogbank.accounts.ledger.client.holds import CaptureRequest, ExtendRequest, HoldRequest, HoldsView
from fogbank.accounts.ledger.client.paths import ACCOUNTS_PATH, LEDGER_PATH
from fogbank.accounts.ledger.client.statements import StatementView
from fogbank.accounts.ledger.client.transfers import DeductRequest, TransferRequest, TransfersView, TransferView
from fogbank.runtime.client import ServiceHttp
from fogbank.runtime.problems import Problem


@dataclass(frozen=True, slots=True)
class LedgerClient:
    """Speaks to the ledger as one caller."""

    http: ServiceHttp

    def as_caller(self, token: str) -> "LedgerClient":
        """The same, as the user whose token it is."""
        return LedgerClient(self.http.as_caller(token))

    async def balance(self, account_id: str, at: datetime | None = None) -> BalanceView:
        """What the account has, or had just before `at`."""
        params = {"at": at and at.isoformat()}
        return await self.http.get(f"{ACCOUNTS_PATH}/{account_id}/balance", params=params, as_=BalanceView)

    async def balance_history(self, account_id: str, days: int) -> list[tuple[datetime, str]]:
        """The start of each of the last `days` days (UTC), the present one last, with the balance at its end."""
        path = f"{ACCOUNTS_PATH}/{account_id}/balance/history"
        view = await self.http.get(path, params={"days": days}, as_=BalanceHistoryView)
        return [(each.day, each.balance) for each in view.days]

    async def transfers(self, account_id: str, before: int | None = None, limit: int = 100) -> TransfersView:
        """A page of the account's transfers, the latest first."""
        params = {"before": before, "limit": limit}
        return await self.http.get(f"{ACCOUNTS_PATH}/{account_id}/transfers", params=params, as_=TransfersView)

    async def statement(
        self,
        account_id: str,
        start: datetime,
        end: datetime,
        after: str | None = None,
        limit: int = 1_000,
        *,
        with_sums: bool = False,
    ) -> StatementView:
        """A page of the account's statement from `start`, included, to `end`, excluded; with sums by kind if asked."""
        params = {"from": start.isoformat(), "to": end.isoformat(), "after": after, "limit": limit}
        params |= {"sums": "true"} if with_sums else {}
        return await self.http.get(f"{ACCOUNTS_PATH}/{account_id}/statement", params=params, as_=StatementView)

    async def holds(self, account_id: str, before: int | None = None, limit: int = 100) -> HoldsView:
        """A page of the account's holds, the latest first."""
        params = {"before": before, "limit": limit}
        return await self.http.get(f"{ACCOUNTS_PATH}/{account_id}/holds", params=params, as_=HoldsView)

    async def deduct(self, account_id: str, amount: str, idempotency_key: str, description: str = "") -> TransferView:
        """Take all of `amount` or nothing: `Problem` 402 with `balance` and `floor` when it is not there."""
        headers = {"idempotency-key": idempotency_key}
        body = DeductRequest(amount, description)
        return await self.http.post(f"{ACCOUNTS_PATH}/{account_id}/deduct", body, as_=TransferView, headers=headers)

    async def deduct_all(self, deductions: Sequence[AccountDeduction]) -> DeductionsView:
        """Make each of up to 10,000 deductions that can be made, of any accounts. Services only."""
        return await self.http.post(f"{LEDGER_PATH}/deductions:batch", list(deductions), as_=DeductionsView)

    async def charge(self, charges: Sequence[ChargeRequest]) -> list[ChargeResult]:
        """Post all of up to 10,000 charges. Services only.

        When some are refused, the first one's `Problem` is raised, with the ids of all in `refused`; the others are
        posted, and asking for them again gives their results.
        """
        view = await self.http.post(f"{LEDGER_PATH}/charges", list(charges), as_=PostedChargesView)
        if view.refused:
            first = view.refused[0]
            ids = [refused.id for refused in view.refused]
            raise Problem(first.status, first.kind, f"Charge {first.id}: {first.detail}", extra={"refused": ids})
        return view.results

    async def grant(
        self,
        account_id: str,
        amount: str,
        *,
        kind: GrantKindName,
        priority: int = 100,
        expires_at: datetime | None = None,
        id: str,  # noqa: A002 (its name on the wire)
        memo: str = "",
    ) -> TransferView:
        """Give credit; the lower priority number is spent first. Services only."""
        grant = GrantRequest(id, account_id, amount, kind, priority, expires_at, memo)
        return await self.http.post(f"{LEDGER_PATH}/grants", grant, as_=TransferView)

    async def deposit(self, account_id: str, amount: str, *, id: str, memo: str = "") -> TransferView:  # noqa: A002
        """Credit money that came in; arrears are settled first. Services only."""
        deposit = DepositRequest(id, account_id, amount, memo)
        return await self.http.post(f"{LEDGER_PATH}/deposits", deposit, as_=TransferView)

    async def set_credit_limit(self, account_id: str, limit: str, *, id: str, memo: str = "") -> TransferView:  # noqa: A002
        """Let the account's credit go down to minus `limit`. Services only."""
        request = CreditLimitRequest(id, account_id, limit, memo)
        return await self.http.post(f"{LEDGER_PATH}/credit-limits", request, as_=TransferView)

    async def transfer(self, transfer: TransferRequest) -> TransferView:
        """Move between ledger accounts. Services only."""
        return await self.http.post(f"{LEDGER_PATH}/transfers", transfer, as_=TransferView)

    async def hold(
        self,
        account_id: str,
        amount: str,
        *,
        expires_at: datetime,
        id: str,  # noqa: A002
        memo: str = "",
    ) -> TransferView:
        """Reserve credit, but no grants, until it is captured, released or expires. Services only."""
        hold = HoldRequest(id, account_id, amount, expires_at, memo)
        return await self.http.post(f"{LEDGER_PATH}/holds", hold, as_=TransferView)

    async def capture(self, hold_id: str, amount: str | None = None) -> TransferView:
        """Take all or part of what is held; the rest is free again. Services only."""
        path = f"{LEDGER_PATH}/holds/{hold_id}/capture"
        return await self.http.post(path, CaptureRequest(amount), as_=TransferView)

    async def extend_hold(self, hold_id: str, extension: ExtendRequest) -> TransferView:
        """Let an open hold reserve until later. Services only."""
        return await self.http.post(f"{LEDGER_PATH}/holds/{hold_id}/extend", extension, as_=TransferView)

    async def release(self, hold_id: str) -> TransferView:
        """Free what is held. Services only."""
        return await self.http.post(f"{LEDGER_PATH}/holds/{hold_id}/release", {}, as_=TransferView)

    async def reverse(self, reversal: ReversalRequest) -> TransferView:
        """Undo a transfer by its mirror, once. Services only."""
        return await self.http.post(f"{LEDGER_PATH}/reversals", reversal, as_=TransferView)

    async def freeze(self, freeze: FreezeRequest) -> TransferView:
        """From now on, let nothing take from the account but charges. Services only."""
        return await self.http.post(f"{LEDGER_PATH}/freezes", freeze, as_=TransferView)

    async def unfreeze(self, unfreeze: FreezeRequest) -> TransferView:
        """End a freeze. Services only."""
        return await self.http.post(f"{LEDGER_PATH}/unfreezes", unfreeze, as_=TransferView)

    async def void_grant(self, grant_id: str, void: VoidRequest) -> TransferView:
        """Put what is left of a grant back where it came from. Services only."""
        return await self.http.post(f"{LEDGER_PATH}/grants/{grant_id}/void", void, as_=TransferView)

    async def write_off(self, write_off: WriteOffRequest) -> TransferView:
        """Give up an amount of what an account owes. Services only."""
        return await self.http.post(f"{LEDGER_PATH}/write-offs", write_off, as_=TransferView)

    async def figures(self, charge_prefix: str = "") -> LedgerFigures:
        """What the audit compares; reads the ledger from end to end. Services only."""
        params = {"charge_prefix": charge_prefix}
        return await self.http.get(f"{LEDGER_PATH}/figures", params=params, as_=LedgerFigures)
