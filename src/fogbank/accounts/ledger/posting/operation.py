"""What all operations have in common, and what no operation may hold."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import ClassVar

import msgspec
from msgspec import Struct

from fogbank.accounts.ledger.errors import NotAnOperation
from fogbank.accounts.ledger.model import SYSTEM_ACCOUNTS, Kind, grant_in, owner_in
from fogbank.kernel.ids import is_id

AMOUNT_MAX_MICROS = 10**17
MEMO_LENGTH_MAX = 500
TRANSFER_ID = re.compile(r"(?!expire_(?:grant|hold):)[A-Za-z0-9_.:-]{1,200}", re.ASCII)
"""What a caller may choose; ids that begin with `expire_grant:` or `expire_hold:` are the ledger's own."""
CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


class Operation(Struct, frozen=True, kw_only=True, gc=False):
    """What all have: an id that is its caller's to choose, once and for ever, and a memo for people."""

    kind: ClassVar[Kind]
    is_plain: ClassVar[bool] = False
    """Whether its account's payer is all that deciding it takes."""
    id: str
    memo: str = ""

    def __post_init__(self) -> None:
        if TRANSFER_ID.fullmatch(self.id) is None:
            raise NotAnOperation(
                "id",
                "must be 1 to 200 of letters, digits and _ . : -, and not begin with expire_grant: or expire_hold:",
            )
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

    is_plain = True
    account_id: str
    amount_micros: int

    amount_min_micros: ClassVar[int] = 1

    def __post_init__(self) -> None:
        Operation.__post_init__(self)
        if not is_id(self.account_id):
            raise not_an_account_id()
        if not self.amount_min_micros <= self.amount_micros <= AMOUNT_MAX_MICROS:
            low, high = self.amount_min_micros, AMOUNT_MAX_MICROS
            raise NotAnOperation("amount", f"must be from {low} to {high} micro-credits")


class ReasonedOperation(Operation, frozen=True, kw_only=True, gc=False):
    """One that says nothing but who and why: its memo is the reason, and must be there."""

    is_plain = True
    account_id: str
    amount_micros: ClassVar[int] = 0

    def __post_init__(self) -> None:
        Operation.__post_init__(self)
        if not is_id(self.account_id):
            raise not_an_account_id()
        if not self.memo.strip():
            raise NotAnOperation("reason", "must say why")


class DerivedOperation(Operation, frozen=True, kw_only=True, gc=False):
    """One whose account and amount are those of what it names, so they are no part of its own content."""

    account_id: ClassVar[str] = ""
    amount_micros: ClassVar[None] = None


def canonical(*parts: object) -> str:
    """The same text for the same content."""
    return msgspec.json.encode(parts).decode()


def not_an_account_id() -> NotAnOperation:
    return NotAnOperation("account_id", "must be 1 to 128 of letters, digits and _ . : -")


def check_amount(amount_micros: int) -> None:
    if not 1 <= amount_micros <= AMOUNT_MAX_MICROS:
        raise NotAnOperation("amount", f"must be from 1 to {AMOUNT_MAX_MICROS} micro-credits")


def check_instant(field: str, instant: datetime | None) -> None:
    if instant is None:
        return
    if instant.utcoffset() is None:
        raise NotAnOperation(field, "must name its time zone")
    try:
        instant.astimezone(UTC)
    except OverflowError:
        raise NotAnOperation(field, "must be within the years 1 to 9999 in UTC") from None


def check_named(field: str, target_id: str) -> None:
    """Whether `target_id` can be the id of a transfer, hold or grant."""
    if TRANSFER_ID.fullmatch(target_id) is None:
        raise NotAnOperation(field, "must be an id: 1 to 200 of letters, digits and _ . : -")


def check_names(field: str, names: Iterable[str], *, with_grants: bool = False) -> None:
    """Whether each is a ledger account of the chart; a grant's only where that is allowed."""
    for name in names:
        grant_id = grant_in(name) if with_grants else None
        is_grant = grant_id is not None and TRANSFER_ID.fullmatch(grant_id) is not None
        if not (is_grant or name in SYSTEM_ACCOUNTS or is_id(owner_in(name) or "")):
            grants = ", grant:…" if with_grants else ""
            raise NotAnOperation(
                field, f"must name a ledger account: customer:…, arrears:…, earnings:…{grants} or a system account"
            )
