"""What gives an account credit: deposits, grants, and a limit below zero."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

GrantKindName = Literal["paid", "promotional"]


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
