"""A statement and one transfer, as the account's holder reads them."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from fogbank.accounts.ledger.client import PostedTransfer, StatementView
from fogbank.kernel.money import micros_from_credits
from fogbank.portal.formats import Formats
from fogbank.portal.rules.transfers import kind_label, leg_label
from fogbank.portal.views.ages import full_moment
from fogbank.portal.views.credit.amounts import change_of, exact_of

EXPIRY = "expiry"
TRANSFER = "/credit/transfer"


@dataclass(frozen=True, slots=True)
class Line:
    """One change and the balance after it; `path` is its transfer's page, empty where there is none."""

    moment: str
    at: str
    kind: str
    memo: str
    change: str
    is_gain: bool
    balance: str
    path: str


@dataclass(frozen=True, slots=True)
class Sum:
    kind: str
    lines: str
    change: str


@dataclass(frozen=True, slots=True)
class Statement:
    """A page of a statement; `after` is where the next one begins, empty at the end."""

    start: str
    end: str
    opening: str
    closing: str
    owed: str
    sums: Sequence[Sum]
    lines: Sequence[Line]
    after: str


@dataclass(frozen=True, slots=True)
class Leg:
    name: str
    account: str
    change: str
    balance: str


@dataclass(frozen=True, slots=True)
class Transfer:
    """One transfer; `reverses` and `reversed_by` are the other one of a pair, with the paths to it."""

    id: str
    kind: str
    moment: str
    at: str
    amount: str
    change: str
    memo: str
    legs: Sequence[Leg]
    reverses: str
    reverses_path: str
    reversed_by: str
    reversed_by_path: str


def statement_of(view: StatementView, formats: Formats) -> Statement:
    return Statement(
        start=full_moment(view.start, formats),
        end=full_moment(view.end, formats),
        opening=exact_of(view.opening, formats),
        closing=exact_of(view.closing, formats),
        owed=exact_of(view.closing_arrears, formats) if micros_from_credits(view.closing_arrears) else "",
        sums=[
            Sum(kind_label(each.kind), formats.number(each.lines), change_of(each.change, formats))
            for each in view.sums or ()
        ],
        lines=[
            Line(
                moment=f"{formats.skeleton('MMMd', each.at)}, {formats.time(each.at)}",
                at=each.at.isoformat(),
                kind=kind_label(each.kind),
                memo=each.memo,
                change=change_of(each.change, formats),
                is_gain=micros_from_credits(each.change) > 0,
                balance=exact_of(each.balance, formats),
                path="" if each.kind == EXPIRY else transfer_path(view.account_id, each.id),
            )
            for each in view.lines
        ],
        after=view.next_cursor or "",
    )


def transfer_of(view: PostedTransfer, account_id: str, formats: Formats) -> Transfer:
    return Transfer(
        id=view.id,
        kind=kind_label(view.kind),
        moment=full_moment(view.posted_at, formats),
        at=view.posted_at.isoformat(),
        amount=exact_of(view.amount, formats),
        change=change_of(view.change, formats),
        memo=view.memo,
        legs=[
            Leg(leg_label(leg.account), leg.account, change_of(leg.amount, formats), exact_of(leg.balance, formats))
            for leg in view.legs
        ],
        reverses=view.reverses or "",
        reverses_path=transfer_path(account_id, view.reverses) if view.reverses else "",
        reversed_by=view.reversed_by or "",
        reversed_by_path=transfer_path(account_id, view.reversed_by) if view.reversed_by else "",
    )


def transfer_path(account_id: str, transfer_id: str) -> str:
    return f"{TRANSFER}?{urlencode({'account': account_id, 'id': transfer_id})}"
