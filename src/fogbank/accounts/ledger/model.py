"""The ledger's words: its chart of accounts, the operations it takes, and what it records of each.

Amounts are integer micro-credits. A ledger account's balance is what we owe its owner, so a customer's credit is
positive, and so is revenue, which is what customers gave up. All balances together are always zero.

| ledger account | one per | balance |
| --- | --- | --- |
| `customer:<account>` | payer | its own credit; down to the floor, 0 or minus its credit limit |
| `grant:<grant>` | grant | what is left of it; never below 0 |
| `arrears:<account>` | payer | what was charged beyond the floor; never above 0 |
| `revenue` | ledger | what was earned |
| `deposits` | ledger | minus what came in as money |
| `promotions` | ledger | minus what was given away |
| `adjustments` | ledger | the other side of corrections by hand |
"""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct

REVENUE = "revenue"
DEPOSITS = "deposits"
PROMOTIONS = "promotions"
ADJUSTMENTS = "adjustments"
SYSTEM_ACCOUNTS = frozenset({REVENUE, DEPOSITS, PROMOTIONS, ADJUSTMENTS})


def customer_name(account_id: str) -> str:
    return "customer:" + account_id


def arrears_name(account_id: str) -> str:
    return "arrears:" + account_id


def grant_name(grant_id: str) -> str:
    return "grant:" + grant_id


def owner_in(name: str) -> str | None:
    """Whose ledger account `customer:…` or `arrears:…` is; `None` for any other name."""
    kind, _, owner = name.partition(":")
    return owner if kind in {"customer", "arrears"} and owner else None


class Kind(StrEnum):
    """What sort of operation made a transfer."""

    DEDUCT = "deduct"
    CHARGE = "charge"
    GRANT = "grant"
    DEPOSIT = "deposit"
    TRANSFER = "transfer"
    HOLD = "hold"
    CAPTURE = "capture"
    RELEASE = "release"
    LIMIT = "limit"


class GrantKind(StrEnum):
    """Whether a grant was bought or given."""

    PAID = "paid"
    PROMOTIONAL = "promotional"

    @property
    def source(self) -> str:
        """The ledger account that it is granted from."""
        return DEPOSITS if self is GrantKind.PAID else PROMOTIONS


class HoldState(StrEnum):
    """Where a hold is; only an open one reserves anything."""

    OPEN = "open"
    CAPTURED = "captured"
    RELEASED = "released"
    EXPIRED = "expired"


class Transfer(Struct, frozen=True, gc=False):
    """One operation as it was posted: what was asked, and what it did to its account.

    `grants_micros`, `credit_micros` and `arrears_micros` are the changes of the account's three parts, and
    `balance_micros` is its balance afterwards, so that a repeat can be answered as the first time.
    """

    id: str
    kind: Kind
    account_id: str
    amount_micros: int
    grants_micros: int
    credit_micros: int
    arrears_micros: int
    balance_micros: int
    memo: str
    details: str


class Hold(Struct, frozen=True, gc=False):
    """Credit reserved until `expires_at`."""

    id: str
    account_id: str
    amount_micros: int
    expires_at: datetime
    state: HoldState


class Grant(Struct, frozen=True, gc=False):
    """The terms of a grant. `age` only orders: lower is older."""

    id: str
    kind: GrantKind
    priority: int
    expires_at: datetime | None
    age: int

    def is_active(self, now: datetime) -> bool:
        return self.expires_at is None or now < self.expires_at


class Head(Struct, frozen=True):
    """Where the chain ends: the last batch's number, its last sequence, when it was posted, and its hash."""

    batch: int
    sequence: int
    posted_at: datetime
    hash: bytes


Leg = tuple[str, int]
"""One signed leg: the ledger account's name, and by how much its balance changes."""


class Posting(Struct, frozen=True):
    """What a rule decided: the transfer, its legs, and what else changes. A repeat changes nothing."""

    transfer: Transfer
    legs: list[Leg] = []
    hold: Hold | None = None
    floor_micros: int | None = None
    grant: Grant | None = None
    is_repeat: bool = False
