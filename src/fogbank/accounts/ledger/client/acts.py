"""What services and administrators do by hand: undo, freeze, void, write off. Each has an id of its own, once."""

from dataclasses import dataclass
from typing import Literal

ForceName = Literal["arrears", "write_off"]


@dataclass(frozen=True, slots=True)
class ReversalRequest:
    """Undo a transfer by its mirror.

    Where the account no longer has what the mirror takes, it is refused, unless `force` says who bears it: `arrears`,
    the account owes it; `write_off`, it is given up.
    """

    id: str
    transfer_id: str
    force: ForceName | None = None
    memo: str = ""


@dataclass(frozen=True, slots=True)
class FreezeRequest:
    """Freeze an account, or end that. The memo says why; where it is empty, `Fogbank-Reason` does."""

    id: str
    account_id: str
    memo: str = ""


@dataclass(frozen=True, slots=True)
class VoidRequest:
    """End a grant before its time."""

    id: str
    memo: str = ""


@dataclass(frozen=True, slots=True)
class WriteOffRequest:
    """Give up an amount of what an account owes."""

    id: str
    account_id: str
    amount: str
    memo: str = ""
