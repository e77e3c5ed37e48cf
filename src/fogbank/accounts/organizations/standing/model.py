"""What is known of an account's standing."""

from dataclasses import dataclass
from datetime import datetime

from fogbank.accounts.model import AccountKind, Status


@dataclass(frozen=True, slots=True)
class StandingChange:
    """An account came from one standing into another. `change` numbers all changes in the order of their commits."""

    change: int
    account_id: str
    kind: AccountKind
    before: Status
    status: Status
    at: datetime


@dataclass(frozen=True, slots=True)
class Funds:
    """What stands in the way of closing: credit less what is owed, grants left out, and how many holds are open."""

    balance_micros: int
    holds: int
