"""What gives an account credit: deposits, grants, and a limit below zero."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from fogbank.accounts.ledger.client.values import AccountId, Amount, LimitAmount, Memo, OperationId

GrantKindName = Literal["paid", "promotional"]


@dataclass(frozen=True, slots=True)
class GrantRequest:
    """Credit with a priority (lower is spent first) and an expiry."""

    id: OperationId
    account_id: AccountId
    amount: Amount
    kind: GrantKindName
    priority: int = 100
    expires_at: datetime | None = None
    memo: Memo = ""


@dataclass(frozen=True, slots=True)
class DepositRequest:
    """Money that came in."""

    id: OperationId
    account_id: AccountId
    amount: Amount
    memo: Memo = ""


@dataclass(frozen=True, slots=True)
class CreditLimitRequest:
    """How far below zero the account's credit may go."""

    id: OperationId
    account_id: AccountId
    limit: LimitAmount
    memo: Memo = ""
