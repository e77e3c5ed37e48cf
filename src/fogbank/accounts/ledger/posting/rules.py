"""The ledger's decisions. Each reads the books as they stand and says what to post, or refuses; none changes them."""

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from fogbank.accounts.ledger.errors import AccountOutOfRange, NotAnOperation, TransferConflict
from fogbank.accounts.ledger.model import (
    DEPOSITS,
    Grant,
    Posting,
    Transfer,
    arrears_name,
    customer_name,
    grant_name,
    owner_in,
)
from fogbank.accounts.ledger.posting.books import Books
from fogbank.accounts.ledger.posting.burning import burn, posting_of, settle, too_low
from fogbank.accounts.ledger.posting.hold_rules import capture, place_hold, release
from fogbank.accounts.ledger.posting.operations import (
    AnyOperation,
    Capture,
    Charge,
    Deduct,
    Deposit,
    GrantCredit,
    Move,
    PlaceHold,
    Release,
    SetCreditLimit,
)
from fogbank.kernel.money import MICROS_MAX


def decide(operation: AnyOperation, books: Books) -> Posting:
    """What to post for `operation`, or a `Refused`.

    The same id with the same content is a repeat: it gets the transfer of the first time, and nothing is posted again.
    """
    earlier = books.transfers.get(operation.id)
    if earlier is not None:
        if not is_same_content(operation, earlier):
            raise TransferConflict(operation.id)
        return Posting(earlier, is_repeat=True)
    posting = RULES[type(operation)](operation, books)
    for name, amount_micros in posting.legs:
        balance_micros = books.balances.get(name, 0) + amount_micros
        if not -MICROS_MAX <= balance_micros <= MICROS_MAX:
            raise AccountOutOfRange(name, balance_micros)
    return posting


def is_same_content(operation: AnyOperation, transfer: Transfer) -> bool:
    """Whether `transfer` is what `operation` asks for; what ends a hold has its account and amount from the hold."""
    return (
        operation.kind == transfer.kind
        and operation.account_id in {"", transfer.account_id}
        and operation.amount_micros in {None, transfer.amount_micros}
        and operation.memo == transfer.memo
        and operation.details == transfer.details
    )


def deduct(operation: Deduct, books: Books) -> Posting:
    """All of it, grants first, then credit down to the floor; refused where that is not enough."""
    owner = books.owners[operation.account_id]
    legs, rest = burn(books, owner, operation.amount_micros)
    if rest:
        raise too_low(operation, books, owner)
    return posting_of(operation, books, owner, legs)


def charge(operation: Charge, books: Books) -> Posting:
    """Grants, then credit down to the floor, and the rest as arrears: what was used is owed. Negative: a refund."""
    owner = books.owners[operation.account_id]
    if operation.amount_micros < 0:
        legs = settle(books, owner, -operation.amount_micros)
    else:
        legs, rest = burn(books, owner, operation.amount_micros)
        if rest:
            legs.append((owner.arrears, -rest))
    return posting_of(operation, books, owner, legs)


def deposit(operation: Deposit, books: Books) -> Posting:
    """Arrears are settled first; the rest is credit."""
    owner = books.owners[operation.account_id]
    legs = settle(books, owner, operation.amount_micros)
    return posting_of(operation, books, owner, legs, DEPOSITS)


def grant(operation: GrantCredit, books: Books) -> Posting:
    """Credit in an account of its own. It settles no arrears: they were charged before it was given."""
    if operation.expires_at is not None and operation.expires_at <= books.now:
        raise NotAnOperation("expires_at", "must be in the future")
    legs = [(grant_name(operation.id), operation.amount_micros)]
    posting = posting_of(operation, books, books.owners[operation.account_id], legs, operation.grant_kind.source)
    terms = Grant(operation.id, operation.grant_kind, operation.priority, operation.expires_at, age=MICROS_MAX)
    return replace(posting, grant=terms)


def move(operation: Move, books: Books) -> Posting:
    """From one ledger account to another; each must stay where it can be."""
    amount_micros, source, target = operation.amount_micros, operation.from_name, operation.to_name
    payer, debtor = owner_in(source), owner_in(target)
    if payer is not None and source == customer_name(payer):
        owner = books.owners[payer]
        if books.spendable_micros(owner) < amount_micros:
            raise too_low(operation, books, owner)
    if debtor is not None and target == arrears_name(debtor) and books.balances[target] + amount_micros > 0:
        raise AccountOutOfRange(target, books.balances[target] + amount_micros)
    transfer = Transfer(operation.id, operation.kind, "", amount_micros, 0, 0, 0, 0, operation.memo, operation.details)
    return Posting(transfer, [(source, -amount_micros), (target, amount_micros)])


def set_credit_limit(operation: SetCreditLimit, books: Books) -> Posting:
    """A new floor; refused where the account is below it already."""
    owner = books.owners[operation.account_id]
    if books.balances[owner.customer] - owner.held_micros < -operation.amount_micros:
        raise too_low(operation, books, owner)
    return replace(posting_of(operation, books, owner, []), floor_micros=-operation.amount_micros)


RULES: dict[type, Callable[[Any, Books], Posting]] = {
    Deduct: deduct,
    Charge: charge,
    Deposit: deposit,
    GrantCredit: grant,
    Move: move,
    PlaceHold: place_hold,
    Capture: capture,
    Release: release,
    SetCreditLimit: set_credit_limit,
}
