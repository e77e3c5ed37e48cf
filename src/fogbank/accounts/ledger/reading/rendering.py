"""What was read, as views."""

from collections.abc import Sequence
from datetime import datetime

from fogbank.accounts.ledger.client import (
    BalanceView,
    GrantView,
    HoldView,
    LegView,
    PostedTransfer,
    RunwayView,
    StatementLine,
)
from fogbank.accounts.ledger.model import HoldState
from fogbank.accounts.ledger.reading.balance_store import OwnedAccount, TermsThen
from fogbank.accounts.ledger.reading.hold_store import Ending, HoldRow
from fogbank.accounts.ledger.reading.positions import AccountThen, Position, sum_of_kind
from fogbank.accounts.ledger.reading.runway import Spending, Store, days_text, runway_seconds
from fogbank.accounts.ledger.reading.statement_store import LineRow
from fogbank.accounts.ledger.reading.transfer_store import LegRow, TransferRow
from fogbank.kernel.money import credits_from_micros

ENDED_STATES = {
    "capture": HoldState.CAPTURED,
    "release": HoldState.RELEASED,
    "expire_hold": HoldState.EXPIRED,
}


def balance_view(
    account_id: str, currency: str, owned: Sequence[OwnedAccount], spending: Spending, now: datetime
) -> BalanceView:
    """A payer's ledger accounts as they are, and how long they last."""
    sums = dict.fromkeys(("customer", "grant", "arrears"), 0)
    for account in owned:
        sums[account.kind] += account.balance_micros
    held_micros = sum(account.held_micros for account in owned)
    floor_micros = sum(account.floor_micros for account in owned)
    balance_micros = sums["customer"] + sums["grant"]
    stores = [Store(account.balance_micros, account.expires_at) for account in owned if account.kind == "grant"]
    stores.append(Store(sums["customer"] - held_micros - floor_micros, None))
    return BalanceView(
        account_id=account_id,
        currency=currency,
        balance=credits_from_micros(balance_micros),
        available=credits_from_micros(balance_micros - held_micros),
        held=credits_from_micros(held_micros),
        floor=credits_from_micros(floor_micros),
        arrears=credits_from_micros(-sums["arrears"]),
        grants=[_grant_view(account) for account in owned if account.kind == "grant"],
        is_frozen=any(account.is_frozen for account in owned),
        runway=_runway_view(stores, spending, now),
        at=now,
    )


def balance_then_view(
    account_id: str, currency: str, accounts: Sequence[AccountThen], terms: TermsThen, position: Position
) -> BalanceView:
    """A payer's ledger accounts as they were."""
    balance_micros = sum(sum_of_kind(accounts, kind, position) for kind in ("customer", "grant"))
    return BalanceView(
        account_id=account_id,
        currency=currency,
        balance=credits_from_micros(balance_micros),
        available=credits_from_micros(balance_micros - terms.held_micros),
        held=credits_from_micros(terms.held_micros),
        floor=credits_from_micros(-terms.limit_micros),
        arrears=credits_from_micros(-sum_of_kind(accounts, "arrears", position)),
        grants=[
            _grant_view(account)
            for account in accounts
            if account.kind == "grant" and account.balance_micros and account.is_active(position)
        ],
        is_frozen=terms.is_frozen,
        at=position.at,
    )


def _grant_view(account: OwnedAccount | AccountThen) -> GrantView:
    assert account.grant_kind is not None
    assert account.priority is not None
    return GrantView(
        id=account.name.removeprefix("grant:"),
        kind=account.grant_kind,
        remaining=credits_from_micros(account.balance_micros),
        priority=account.priority,
        expires_at=account.expires_at,
    )


def _runway_view(stores: Sequence[Store], spending: Spending, now: datetime) -> RunwayView | None:
    seconds = runway_seconds(stores, spending, now)
    if seconds is None:
        return None
    measured_seconds = int(spending.measured.total_seconds())
    return RunwayView(seconds, days_text(seconds), credits_from_micros(spending.spent_micros), measured_seconds)


def posted_transfer(row: TransferRow, legs: Sequence[LegRow], reversed_by: str | None) -> PostedTransfer:
    return PostedTransfer(
        cursor=row.sequence,
        id=row.id,
        kind=row.kind,
        posted_at=row.posted_at,
        amount=credits_from_micros(row.amount_micros),
        change=credits_from_micros(row.change_micros),
        memo=row.memo,
        legs=[
            LegView(leg.name, credits_from_micros(leg.amount_micros), credits_from_micros(leg.balance_micros))
            for leg in legs
        ],
        reverses=row.reverses,
        reversed_by=reversed_by,
    )


def hold_view(row: HoldRow, ending: Ending | None) -> HoldView:
    """A hold, and what became of it: that its time is up needs no transfer."""
    state = HoldState.EXPIRED if row.is_over else HoldState.OPEN
    ended_at = row.expires_at if row.is_over else None
    if ending is not None:
        state, ended_at = ENDED_STATES[ending.kind], ending.posted_at
    captured_micros = ending.amount_micros if ending is not None and state is HoldState.CAPTURED else 0
    return HoldView(
        id=row.id,
        amount=credits_from_micros(row.amount_micros),
        captured=credits_from_micros(captured_micros),
        state=state.value,
        memo=row.memo,
        placed_at=row.placed_at,
        expires_at=row.expires_at,
        ended_at=ended_at,
    )


def statement_line(row: LineRow, balance_micros: int) -> StatementLine:
    """A line, with what the payer had after it, less what it owed."""
    return StatementLine(
        at=row.at,
        id=row.id,
        kind=row.kind,
        change=credits_from_micros(row.change_micros),
        balance=credits_from_micros(balance_micros),
        memo=row.memo,
    )
