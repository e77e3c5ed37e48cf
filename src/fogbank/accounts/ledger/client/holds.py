"""Credit that is reserved, and what becomes of it."""

from dataclasses import dataclass
from datetime import datetime

from fogbank.accounts.ledger.client.values import AccountId, Amount, HoldId, Memo, OperationId


@dataclass(frozen=True, slots=True)
class HoldRequest:
    """Credit to reserve until `expires_at`."""

    id: HoldId
    account_id: AccountId
    amount: Amount
    expires_at: datetime
    memo: Memo = ""


@dataclass(frozen=True, slots=True)
class ExtendRequest:
    """Until when a hold is to reserve instead: later than now it does."""

    id: OperationId
    expires_at: datetime
    memo: Memo = ""


@dataclass(frozen=True, slots=True)
class CaptureRequest:
    """How much of a hold to take; all of it when `amount` is absent."""

    amount: Amount | None = None
    memo: Memo = ""


@dataclass(frozen=True, slots=True)
class HoldView:
    """Credit that was reserved, and where that is: open, captured, released or expired.

    `captured` is what was taken of it; `ended_at` is null while it is open.
    """

    id: str
    amount: str
    captured: str
    state: str
    memo: str
    placed_at: datetime
    expires_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class HoldsView:
    """A page of holds, the latest first; `next_cursor` is the `before` of the next page."""

    account_id: str
    currency: str
    holds: list[HoldView]
    next_cursor: int | None
