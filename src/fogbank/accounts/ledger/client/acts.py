"""What services and administrators do by hand: undo, freeze, void, write off. Each has an id of its own, once."""

from dataclasses import dataclass
from typing import Literal

from fogbank.accounts.ledger.client.values import AccountId, Amount, Memo, OperationId, TransferId

ForceName = Literal["arrears", "write_off"]


@dataclass(frozen=True, slots=True)
class ReversalRequest:
    """Undo a transfer by its mirror.

    Where the account no longer has what the mirror takes, it is refused, unless `force` says who bears it: `arrears`,
    the account owes it; `write_off`, it is given up.
    """

    id: OperationId
    transfer_id: TransferId
    force: ForceName | None = None
    memo: Memo = ""


@dataclass(frozen=True, slots=True)
class FreezeRequest:
    """Freeze an account, or end that. The memo says why; where it is empty, `Fogbank-Reason` does."""

    id: OperationId
    account_id: AccountId
    memo: Memo = ""


@dataclass(frozen=True, slots=True)
class VoidRequest:
    """End a grant before its time."""

    id: OperationId
    memo: Memo = ""


@dataclass(frozen=True, slots=True)
class WriteOffRequest:
    """Give up an amount of what an account owes."""

    id: OperationId
    account_id: AccountId
    amount: Amount
    memo: Memo = ""
