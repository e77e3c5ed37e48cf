"""Statements: what an account had at the start of a period, everything that changed it, and what it had at the end."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One change: a transfer, or the expiry of a grant (kind `expiry`, the grant's id) at the instant it is due.

    `change` and the running `balance` are of what the account has, less what it owes.
    """

    at: datetime
    id: str
    kind: str
    change: str
    balance: str
    memo: str


@dataclass(frozen=True, slots=True)
class KindSum:
    """The lines of one kind, added up."""

    kind: str
    lines: int
    change: str


@dataclass(frozen=True, slots=True)
class StatementView:
    """A page of an account's statement for a period, its start included and its end excluded.

    `opening` and `closing` are what the account had, less what it owed, and `opening_arrears` and `closing_arrears`
    what of that it owed. The opening balance and all lines of all pages are exactly the closing balance, and so are the
    opening balance and `sums`, which are there where they were asked for. `end` is now, where the period asked for ends
    later. `next_cursor` is the `after` of the next page, null at the end.
    """

    account_id: str
    currency: str
    start: datetime
    end: datetime
    opening: str
    closing: str
    opening_arrears: str
    closing_arrears: str
    sums: list[KindSum] | None
    lines: list[StatementLine]
    next_cursor: str | None
