"""The ledger's words: the names of its accounts, and what it records of each operation.

Amounts are integer micro-credits. A ledger account's balance is what we owe its owner, so a customer's credit is
positive, and so is revenue, which is what customers gave up; what others owe us is negative. All balances together are
always zero. `chart.py` says how far each account may go, docs/ledger.md what it is for.
"""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct

REVENUE = "revenue"
DEPOSITS = "deposits"
PROMOTIONS = "promotions"
ADJUSTMENTS = "adjustments"
BREAKAGE = "breakage"
TAX = "tax"
PROCESSOR = "processor"
CUSTODY = "custody"
TREASURY = "treasury"
WRITE_OFFS = "write_offs"
SYSTEM_ACCOUNTS = frozenset(
    {REVENUE, DEPOSITS, PROMOTIONS, ADJUSTMENTS, BREAKAGE, TAX, PROCESSOR, CUSTODY, TREASURY, WRITE_OFFS}
)


def customer_name(account_id: str) -> str:
    return "customer:" + account_id


def arrears_name(account_id: str) -> str:
    return "arrears:" + account_id


def earnings_name(operator_id: str) -> str:
    return "earnings:" + operator_id


def grant_name(grant_id: str) -> str:
    return "grant:" + grant_id


def grant_in(name: str) -> str | None:
    """Which grant's ledger account it is; `None` for any other name."""
    kind, _, grant_id = name.partition(":")
    return grant_id if kind == "grant" else None


def owner_in(name: str) -> str | None:
    """Whose ledger account `customer:…`, `arrears:…` or `earnings:…` is; `None` for any other name."""
    kind, _, owner = name.partition(":")
    return owner if kind in {"customer", "arrears", "earnings"} and owner else None


class Kind(StrEnum):
    """What sort of operation made a transfer."""

    DEDUCT = "deduct"
    CHARGE = "charge"
    GRANT = "grant"
    DEPOSIT = "deposit"
    TRANSFER = "transfer"
    HOLD = "hold"
    EXTEND_HOLD = "extend_hold"
    CAPTURE = "capture"
    RELEASE = "release"
    LIMIT = "limit"
    POST = "post"
    REVERSE = "reverse"
    WRITE_OFF = "write_off"
    VOID_GRANT = "void_grant"
    EXPIRE_GRANT = "expire_grant"
    EXPIRE_HOLD = "expire_hold"
    FREEZE = "freeze"
    UNFREEZE = "unfreeze"


class Force(StrEnum):
    """Who bears what a reversal can no longer take back: the payer, who owes it, or the house, which gives it up."""

    ARREARS = "arrears"
    WRITE_OFF = "write_off"


class GrantKind(StrEnum):
    """Whether a grant was bought or given."""

    PAID = "paid"
    PROMOTIONAL = "promotional"

    @property
    def source(self) -> str:
        """The ledger account that it is granted from."""
        return DEPOSITS if self is GrantKind.PAID else PROMOTIONS

    @property
    def remainder(self) -> str:
        """The ledger account that takes what is left when it expires."""
        return BREAKAGE if self is GrantKind.PAID else PROMOTIONS


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


class Posting(Struct, frozen=True, gc=False):
    """What a rule decided: the transfer, its legs, and what else changes. A repeat changes nothing.

    `ended_grant` and `reversed_id` name the grant that it ends and the transfer that it mirrors.
    """

    transfer: Transfer
    legs: list[Leg] = []
    hold: Hold | None = None
    floor_micros: int | None = None
    is_frozen: bool | None = None
    grant: Grant | None = None
    ended_grant: str | None = None
    reversed_id: str | None = None
    is_repeat: bool = False
