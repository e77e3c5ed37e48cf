"""Deductions, thousands at once, each done or refused for itself."""

from dataclasses import dataclass
from typing import Any

from fogbank.accounts.ledger.client.transfers import TransferView
from fogbank.accounts.ledger.client.values import AccountId, Amount, ItemKey, Memo


@dataclass(frozen=True, slots=True)
class Deduction:
    """How much to take of one account, and what for.

    `id` names it for ever among the deductions of its account, as `Idempotency-Key` does for one alone.
    """

    id: ItemKey
    amount: Amount
    description: Memo = ""


@dataclass(frozen=True, slots=True)
class AccountDeduction:
    """The same, for any account."""

    id: ItemKey
    account_id: AccountId
    amount: Amount
    description: Memo = ""


@dataclass(frozen=True, slots=True)
class DeductionResult:
    """What became of one: status 200 and its transfer, or the status and the problem it would have alone."""

    id: str
    status: int
    transfer: TransferView | None = None
    problem: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class DeductionsView:
    """What became of each deduction, in the order asked, and how many were made."""

    results: list[DeductionResult]
    deducted: int
    refused: int
