"""Holds: credit is reserved, captured in all or in part, or released. Once its time is up, a hold frees it."""

from msgspec.structs import replace

from fogbank.accounts.ledger.errors import (
    CaptureExceedsHold,
    HoldNotFound,
    HoldNotOpen,
    NotAnOperation,
    NotYetExpired,
)
from fogbank.accounts.ledger.model import Hold, HoldState, Posting
from fogbank.accounts.ledger.posting.books import Books
from fogbank.accounts.ledger.posting.burning import posting_of, too_low
from fogbank.accounts.ledger.posting.leg_rules import check_legs, check_taking
from fogbank.accounts.ledger.posting.operations import Capture, ExpireHold, ExtendHold, PlaceHold, Release


def place_hold(operation: PlaceHold, books: Books) -> Posting:
    """Reserve own credit above the floor."""
    if operation.expires_at <= books.now:
        raise NotAnOperation("expires_at", "must be in the future")
    owner = books.owners[operation.account_id]
    check_taking(owner)
    if books.spendable_micros(owner) < operation.amount_micros:
        raise too_low(books, owner, operation.amount_micros)
    hold = Hold(operation.id, operation.account_id, operation.amount_micros, operation.expires_at, HoldState.OPEN)
    return replace(posting_of(operation, books, owner, []), hold=hold)


def extend_hold(operation: ExtendHold, books: Books) -> Posting:
    """Reserve the same until later. It takes nothing, so a freeze does not keep it from being done."""
    hold = _open_hold(operation.hold_id, books)
    if operation.expires_at <= hold.expires_at:
        raise NotAnOperation("expires_at", "must be later than the hold's present expiry")
    owner = books.owners[hold.account_id]
    posting = posting_of(operation, books, owner, [], amount_micros=hold.amount_micros)
    return replace(posting, hold=replace(hold, expires_at=operation.expires_at))


def capture(operation: Capture, books: Books) -> Posting:
    """Take all or part of what is held, to where the operation says; the rest is free again."""
    hold = _open_hold(operation.hold_id, books)
    amount_micros = hold.amount_micros if operation.part_micros is None else operation.part_micros
    if amount_micros > hold.amount_micros:
        raise CaptureExceedsHold(hold.id, amount=amount_micros, held=hold.amount_micros)
    owner = books.owners[hold.account_id]
    check_taking(owner)
    if operation.to_name == owner.customer:
        raise NotAnOperation("to", "must be another ledger account than the one that is held of")
    check_legs([(operation.to_name, amount_micros)], books)
    legs = [(owner.customer, -amount_micros)]
    if operation.to_name == owner.arrears:
        legs.append((owner.arrears, amount_micros))
    posting = posting_of(operation, books, owner, legs, operation.to_name, amount_micros=amount_micros)
    return replace(posting, hold=_ended(hold, HoldState.CAPTURED))


def release(operation: Release, books: Books) -> Posting:
    """Free all that is held."""
    hold = _open_hold(operation.hold_id, books)
    owner = books.owners[hold.account_id]
    posting = posting_of(operation, books, owner, [], amount_micros=hold.amount_micros)
    return replace(posting, hold=_ended(hold, HoldState.RELEASED))


def expire_hold(operation: ExpireHold, books: Books) -> Posting:
    """Put on record that the time of a hold is up, which frees all of it."""
    hold = books.holds.get(operation.hold_id)
    if hold is None:
        raise HoldNotFound(operation.hold_id)
    if hold.state is not HoldState.OPEN:
        raise HoldNotOpen(hold.id, hold.state)
    if hold.expires_at > books.now:
        raise NotYetExpired(hold.id)
    owner = books.owners[hold.account_id]
    posting = posting_of(operation, books, owner, [], amount_micros=hold.amount_micros)
    return replace(posting, hold=_ended(hold, HoldState.EXPIRED))


def _open_hold(hold_id: str, books: Books) -> Hold:
    hold = books.holds.get(hold_id)
    if hold is None:
        raise HoldNotFound(hold_id)
    if hold.state is not HoldState.OPEN:
        raise HoldNotOpen(hold_id, hold.state)
    if hold.expires_at <= books.now:
        raise HoldNotOpen(hold_id, HoldState.EXPIRED)
    return hold


def _ended(hold: Hold, state: HoldState) -> Hold:
    return replace(hold, state=state)
