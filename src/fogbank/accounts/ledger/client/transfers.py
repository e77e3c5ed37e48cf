"""What was posted, and who asks for it."""

from dataclasses import dataclass
from datetime import datetime

from fogbank.accounts.ledger.client.values import Amount, LedgerAccount, Memo, OperationId, SignedAmount


@dataclass(frozen=True, slots=True)
class DeductRequest:
    """How much to take, and what for."""

    amount: Amount
    description: Memo = ""


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
class LegRequest:
    """By how much a ledger account changes, by name: `customer:…`, `arrears:…`, `adjustments`, `revenue` and so on."""

    account: LedgerAccount
    amount: SignedAmount


@dataclass(frozen=True, slots=True)
class TransferRequest:
    """Legs that sum to zero."""

    id: OperationId
    legs: list[LegRequest]
    memo: Memo = ""


@dataclass(frozen=True, slots=True)
class LegView:
    """By how much a transfer changed a ledger account, and what it came to."""

    account: str
    amount: str
    balance: str


@dataclass(frozen=True, slots=True)
class PostedTransfer:
    """A transfer as an account sees it.

    `change` is by how much what the account has, less what it owes, changed. `legs` are all of them for services and
    administrators, the account's own for others. `reverses` and `reversed_by` name the other one of a pair.
    """

    cursor: int
    id: str
    kind: str
    posted_at: datetime
    amount: str
    change: str
    memo: str
    legs: list[LegView]
    reverses: str | None
    reversed_by: str | None


@dataclass(frozen=True, slots=True)
class TransfersView:
    """A page of an account's transfers, the latest first.

    `next_cursor` is the `before` of the page of older ones, null at the end; `previous_cursor` is the `after` of the
    page of newer ones.
    """

    transfers: list[PostedTransfer]
    next_cursor: int | None
    previous_cursor: int | None
