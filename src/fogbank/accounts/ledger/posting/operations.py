"""The operations that the ledger takes. One that exists is well formed; whether it is allowed, the rules say."""

import re
from datetime import UTC, datetime
from typing import ClassVar

import msgspec
from msgspec import Struct

from fogbank.accounts.ledger.errors import NotAnOperation
from fogbank.accounts.ledger.model import REVENUE, SYSTEM_ACCOUNTS, GrantKind, Kind, owner_in
from fogbank.kernel.ids import is_id

AMOUNT_MAX_MICROS = 10**17
MEMO_LENGTH_MAX = 500
PRIORITY_MAX = 1_000_000
TRANSFER_ID = re.compile(r"[A-Za-z0-9_.:-]{1,200}", re.ASCII)
CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


class Operation(Struct, frozen=True, kw_only=True, gc=False):
    """What all have: an id that is its caller's to choose, once and for ever, and a memo for people."""

    kind: ClassVar[Kind]
    id: str
    memo: str = ""

    def __post_init__(self) -> None:
        if TRANSFER_ID.fullmatch(self.id) is None:
            raise NotAnOperation("id", "must be 1 to 200 of letters, digits and _ . : -")
        if self.memo and (len(self.memo) > MEMO_LENGTH_MAX or CONTROL.search(self.memo)):
            raise NotAnOperation(
                "memo", f"must be at most {MEMO_LENGTH_MAX} characters, none of them a control character"
            )

    @property
    def details(self) -> str:
        """What else belongs to its content, canonically."""
        return ""


class AccountOperation(Operation, frozen=True, kw_only=True, gc=False):
    """One that moves an amount of one account."""

    account_id: str
    amount_micros: int

    amount_min_micros: ClassVar[int] = 1

    def __post_init__(self) -> None:
        Operation.__post_init__(self)
        if not is_id(self.account_id):
            raise NotAnOperation("account_id", "must be 1 to 128 of letters, digits and _ . : -")
        if not self.amount_min_micros <= self.amount_micros <= AMOUNT_MAX_MICROS:
            low, high = self.amount_min_micros, AMOUNT_MAX_MICROS
            raise NotAnOperation("amount", f"must be from {low} to {high} micro-credits")


class Deduct(AccountOperation, frozen=True, kw_only=True, gc=False):
    """Take the whole amount, grants first, or nothing."""

    kind = Kind.DEDUCT


class Charge(AccountOperation, frozen=True, kw_only=True, gc=False):
    """Take what is there, and record the rest as arrears; a negative amount is a refund."""

    kind = Kind.CHARGE
    amount_min_micros = -AMOUNT_MAX_MICROS


class Deposit(AccountOperation, frozen=True, kw_only=True, gc=False):
    """Money came in: it settles arrears, and the rest is credit."""

    kind = Kind.DEPOSIT


class GrantCredit(AccountOperation, frozen=True, kw_only=True, gc=False):
    """Credit of its own priority and expiry. The grant has the operation's id."""

    kind = Kind.GRANT
    grant_kind: GrantKind
    priority: int = 100
    expires_at: datetime | None = None

    def __post_init__(self) -> None:
        AccountOperation.__post_init__(self)
        if not 0 <= self.priority <= PRIORITY_MAX:
            raise NotAnOperation("priority", f"must be from 0 to {PRIORITY_MAX}")
        _check_instant("expires_at", self.expires_at)

    @property
    def details(self) -> str:
        return _canonical(self.grant_kind, self.priority, self.expires_at and self.expires_at.astimezone(UTC))


class Move(Operation, frozen=True, kw_only=True, gc=False):
    """From one ledger account to another, by name: a customer's credit or arrears, or one of the system's."""

    kind = Kind.TRANSFER
    amount_micros: int
    from_name: str
    to_name: str

    account_id: ClassVar[str] = ""

    def __post_init__(self) -> None:
        Operation.__post_init__(self)
        if not 1 <= self.amount_micros <= AMOUNT_MAX_MICROS:
            raise NotAnOperation("amount", f"must be from 1 to {AMOUNT_MAX_MICROS} micro-credits")
        for field, name in (("from", self.from_name), ("to", self.to_name)):
            if name not in SYSTEM_ACCOUNTS and not is_id(owner_in(name) or ""):
                raise NotAnOperation(field, "must name a ledger account: customer:…, arrears:… or a system account")
        if self.from_name == self.to_name:
            raise NotAnOperation("to", "must be another ledger account")

    @property
    def details(self) -> str:
        return _canonical(self.from_name, self.to_name)


class PlaceHold(AccountOperation, frozen=True, kw_only=True, gc=False):
    """Reserve own credit, never grants: what is held may be paid out. The hold has the operation's id."""

    kind = Kind.HOLD
    expires_at: datetime

    def __post_init__(self) -> None:
        AccountOperation.__post_init__(self)
        _check_instant("expires_at", self.expires_at)

    @property
    def details(self) -> str:
        return _canonical(self.expires_at.astimezone(UTC))


class HoldOperation(Operation, frozen=True, kw_only=True, gc=False):
    """One that ends a hold. Its account and amount are the hold's, so they are no part of its own content."""

    hold_id: str

    account_id: ClassVar[str] = ""
    amount_micros: ClassVar[None] = None


class Capture(HoldOperation, frozen=True, kw_only=True, gc=False):
    """Take all or part of what is held, and free the rest."""

    kind = Kind.CAPTURE
    part_micros: int | None = None
    to_name: str = REVENUE

    def __post_init__(self) -> None:
        Operation.__post_init__(self)
        if self.part_micros is not None and not 1 <= self.part_micros <= AMOUNT_MAX_MICROS:
            raise NotAnOperation("amount", f"must be from 1 to {AMOUNT_MAX_MICROS} micro-credits")
        if self.to_name not in SYSTEM_ACCOUNTS:
            raise NotAnOperation("to", "must name one of the system's ledger accounts")

    @property
    def details(self) -> str:
        return _canonical(self.hold_id, self.part_micros, self.to_name)


class Release(HoldOperation, frozen=True, kw_only=True, gc=False):
    """Free all that is held."""

    kind = Kind.RELEASE

    @property
    def details(self) -> str:
        return _canonical(self.hold_id)


class SetCreditLimit(AccountOperation, frozen=True, kw_only=True, gc=False):
    """Let the account's credit go down to minus this amount."""

    kind = Kind.LIMIT
    amount_min_micros = 0


AnyOperation = Deduct | Charge | Deposit | GrantCredit | Move | PlaceHold | Capture | Release | SetCreditLimit


def _canonical(*parts: object) -> str:
    return msgspec.json.encode(parts).decode()


def _check_instant(field: str, instant: datetime | None) -> None:
    if instant is not None and instant.utcoffset() is None:
        raise NotAnOperation(field, "must name its time zone")
