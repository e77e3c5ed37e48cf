"""What other components may know of the ledger: its views and a typed client.

Money is decimal strings of credits; instants are RFC 3339 in UTC. Everything that is posted has an id that its caller
chooses: the same id with the same content is answered as the first time, with other content it is `Problem` 409.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from fogbank.runtime.client import ServiceHttp
from fogbank.runtime.problems import Problem

ACCOUNTS_PATH = "/api/v1/accounts"
LEDGER_PATH = "/api/v1/ledger"
CHARGES_MAX = 10_000

GrantKindName = Literal["paid", "promotional"]


@dataclass(frozen=True, slots=True)
class GrantView:
    """A grant that can still be spent: `remaining` of it until `expires_at`, or without end."""

    id: str
    kind: str
    remaining: str
    priority: int
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class BalanceView:
    """What an account has.

    `balance` is its own credit and its active grants; `held` of it is reserved, and `available` is the rest, which
    never passes `floor` (zero, or minus its credit limit). `arrears` is what it owes beyond that, as a positive amount.
    """

    account_id: str
    currency: str
    balance: str
    available: str
    held: str
    floor: str
    arrears: str
    grants: list[GrantView]


@dataclass(frozen=True, slots=True)
class DayBalance:
    """The balance at the end of the day that begins at `day`, or now for the present one."""

    day: datetime
    balance: str


@dataclass(frozen=True, slots=True)
class BalanceHistoryView:
    """The balance of each of the last days, the present one last."""

    account_id: str
    currency: str
    days: list[DayBalance]


@dataclass(frozen=True, slots=True)
class DeductRequest:
    """How much to take, and what for."""

    amount: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class TransferView:
    """An operation as it was posted.

    `from_grants`, `from_credit` and `to_arrears` are where a charge or deduction came from; they are negative where
    something was given instead. `balance` is the account's balance afterwards.
    """

    id: str
    kind: str
    account_id: str
    currency: str
    amount: str
    from_grants: str
    from_credit: str
    to_arrears: str
    balance: str
    memo: str


@dataclass(frozen=True, slots=True)
class ChargeRequest:
    """What to charge; negative is a refund."""

    id: str
    account_id: str
    amount: str
    memo: str = ""


@dataclass(frozen=True, slots=True)
class ChargeResult:
    """A charge as it was posted, and where it came from."""

    id: str
    account_id: str
    amount: str
    from_grants: str
    from_credit: str
    to_arrears: str
    transfer_id: str


@dataclass(frozen=True, slots=True)
class RefusedCharge:
    """A charge that was not posted, with what its problem would be if it were alone."""

    id: str
    status: int
    kind: str
    detail: str


@dataclass(frozen=True, slots=True)
class ChargesView:
    """What became of each charge, in the order asked."""

    results: list[ChargeResult]
    refused: list[RefusedCharge]


@dataclass(frozen=True, slots=True)
class GrantRequest:
    """Credit with a priority (lower is spent first) and an expiry."""

    id: str
    account_id: str
    amount: str
    kind: GrantKindName
    priority: int = 100
    expires_at: datetime | None = None
    memo: str = ""


@dataclass(frozen=True, slots=True)
class DepositRequest:
    """Money that came in."""

    id: str
    account_id: str
    amount: str
    memo: str = ""


@dataclass(frozen=True, slots=True)
class CreditLimitRequest:
    """How far below zero the account's credit may go."""

    id: str
    account_id: str
    limit: str
    memo: str = ""


@dataclass(frozen=True, slots=True)
class TransferRequest:
    """A move between two ledger accounts, by name: `customer:…`, `arrears:…`, `adjustments`, `revenue` and so on."""

    id: str
    source: str
    target: str
    amount: str
    memo: str = ""


@dataclass(frozen=True, slots=True)
class HoldRequest:
    """Credit to reserve until `expires_at`."""

    id: str
    account_id: str
    amount: str
    expires_at: datetime
    memo: str = ""


@dataclass(frozen=True, slots=True)
class CaptureRequest:
    """How much of a hold to take; all of it when `amount` is absent."""

    amount: str | None = None
    memo: str = ""


@dataclass(frozen=True, slots=True)
class StatementLine:
    """A transfer as one account sees it: by how much what it has, less what it owes, changed."""

    id: str
    kind: str
    posted_at: datetime
    change: str
    memo: str


@dataclass(frozen=True, slots=True)
class StatementView:
    """A page of an account's transfers, the latest first; `next_cursor` is the `before` of the next page."""

    transfers: list[StatementLine]
    next_cursor: int | None


@dataclass(frozen=True, slots=True)
class ChainView:
    """Whether the chain of hashes is intact: the last batch and its hash, and what is wrong, batch by batch."""

    ok: bool
    batches: int
    hash: str
    broken: list[str]


@dataclass(frozen=True, slots=True)
class LedgerFigures:
    """What the audit compares.

    `balances_sum` must be zero. `differing_accounts` names ledger accounts whose balance is not the sum of its entries,
    `broken_entries` entries that do not continue the balance before them or refer to nothing, `unbalanced_transfers`
    those whose entries do not sum to zero, and `differing_holds` accounts that hold something else than their open
    holds: all must be empty. `charges` is what was charged by account, refunds taken off, for ids of some prefix.
    """

    transfers: int
    entries: int
    balances_sum: str
    differing_accounts: list[str]
    broken_entries: list[str]
    unbalanced_transfers: list[str]
    differing_holds: list[str]
    charges: dict[str, str]
    chain: ChainView


@dataclass(frozen=True, slots=True)
class LedgerClient:
    """Speaks to the ledger as one caller."""

    http: ServiceHttp

    def as_caller(self, token: str) -> "LedgerClient":
        """The same, as the user whose token it is."""
        return LedgerClient(self.http.as_caller(token))

    async def balance(self, account_id: str) -> BalanceView:
        return await self.http.get(f"{ACCOUNTS_PATH}/{account_id}/balance", as_=BalanceView)

    async def balance_history(self, account_id: str, days: int) -> list[tuple[datetime, str]]:
        """The start of each of the last `days` days (UTC), the present one last, with the balance at its end."""
        path = f"{ACCOUNTS_PATH}/{account_id}/balance/history"
        view = await self.http.get(path, params={"days": days}, as_=BalanceHistoryView)
        return [(each.day, each.balance) for each in view.days]

    async def statement(self, account_id: str, before: int | None = None, limit: int = 100) -> StatementView:
        """A page of the account's transfers, the latest first."""
        params = {"before": before, "limit": limit}
        return await self.http.get(f"{ACCOUNTS_PATH}/{account_id}/transfers", params=params, as_=StatementView)

    async def deduct(self, account_id: str, amount: str, idempotency_key: str, description: str = "") -> TransferView:
        """Take all of `amount` or nothing: `Problem` 402 with `balance` and `floor` when it is not there."""
        headers = {"idempotency-key": idempotency_key}
        body = DeductRequest(amount, description)
        return await self.http.post(f"{ACCOUNTS_PATH}/{account_id}/deduct", body, as_=TransferView, headers=headers)

    async def charge(self, charges: Sequence[ChargeRequest]) -> list[ChargeResult]:
        """Post all of up to 10,000 charges. Services only.

        When some are refused, the first one's `Problem` is raised, with the ids of all in `refused`; the others are
        posted, and asking for them again gives their results.
        """
        view = await self.http.post(f"{LEDGER_PATH}/charges", list(charges), as_=ChargesView)
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

    async def release(self, hold_id: str) -> TransferView:
        """Free what is held. Services only."""
        return await self.http.post(f"{LEDGER_PATH}/holds/{hold_id}/release", {}, as_=TransferView)

    async def figures(self, charge_prefix: str = "") -> LedgerFigures:
        """What the audit compares; reads the ledger from end to end. Services only."""
        params = {"charge_prefix": charge_prefix}
        return await self.http.get(f"{LEDGER_PATH}/figures", params=params, as_=LedgerFigures)
