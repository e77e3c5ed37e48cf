"""The ledger's decisions. Each reads the books as they stand and says what to post, or refuses; none changes them."""

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from fogbank.accounts.ledger.errors import AccountFrozen, AccountNotFrozen, AccountOutOfRange, TransferConflict
from fogbank.accounts.ledger.model import DEPOSITS, WRITE_OFFS, Leg, Posting, Transfer, customer_name
from fogbank.accounts.ledger.posting.books import Books
from fogbank.accounts.ledger.posting.burning import burn, posting_of, settle, too_low
from fogbank.accounts.ledger.posting.grant_rules import expire_grant, grant, void_grant
from fogbank.accounts.ledger.posting.hold_rules import capture, expire_hold, extend_hold, place_hold, release
from fogbank.accounts.ledger.posting.leg_rules import check_legs
from fogbank.accounts.ledger.posting.operations import (
    AnyOperation,
    Capture,
    Charge,
    Deduct,
    Deposit,
    ExpireGrant,
    ExpireHold,
    ExtendHold,
    Freeze,
    GrantCredit,
    Move,
    PlaceHold,
    Post,
    Release,
    Reverse,
    SetCreditLimit,
    Unfreeze,
    VoidGrant,
    WriteOff,
)
from fogbank.accounts.ledger.posting.reversing import reverse
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
    balances = books.balances
    for name, amount_micros in posting.legs:
        if not -MICROS_MAX <= balances.get(name, 0) + amount_micros <= MICROS_MAX:
            raise AccountOutOfRange(name, balances.get(name, 0) + amount_micros)
    transfer = posting.transfer
    if transfer.balance_micros > MICROS_MAX:  # credit and grants together
        raise AccountOutOfRange(customer_name(transfer.account_id), transfer.balance_micros)
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
    if owner.is_frozen:
        raise AccountFrozen(owner.account_id)
    legs, rest = burn(books, owner, operation.amount_micros)
    if rest:
        raise too_low(books, owner, operation.amount_micros)
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


def write_off(operation: WriteOff, books: Books) -> Posting:
    """What is owed and will not be paid is given up; never more than is owed."""
    owner = books.owners[operation.account_id]
    legs = [(owner.arrears, operation.amount_micros)]
    check_legs(legs, books)
    return posting_of(operation, books, owner, legs, WRITE_OFFS)


def move(operation: Move, books: Books) -> Posting:
    """From one ledger account to another; each must stay where it can be."""
    legs = [(operation.from_name, -operation.amount_micros), (operation.to_name, operation.amount_micros)]
    return _of_legs(operation, legs, books)


def post(operation: Post, books: Books) -> Posting:
    """Each leg by the rule of its ledger account; all of them or none."""
    return _of_legs(operation, list(operation.legs), books)


def freeze(operation: Freeze, books: Books) -> Posting:
    """Nothing is taken any more but charges, because what was used is owed, and what the ledger itself settles."""
    owner = books.owners[operation.account_id]
    if owner.is_frozen:
        raise AccountFrozen(owner.account_id)
    return replace(posting_of(operation, books, owner, []), is_frozen=True)


def unfreeze(operation: Unfreeze, books: Books) -> Posting:
    owner = books.owners[operation.account_id]
    if not owner.is_frozen:
        raise AccountNotFrozen(owner.account_id)
    return replace(posting_of(operation, books, owner, []), is_frozen=False)


def set_credit_limit(operation: SetCreditLimit, books: Books) -> Posting:
    """A new floor; refused where the account is below it already."""
    owner = books.owners[operation.account_id]
    if books.balances[owner.customer] - owner.held_micros < -operation.amount_micros:
        raise too_low(books, owner, operation.amount_micros)
    return replace(posting_of(operation, books, owner, []), floor_micros=-operation.amount_micros)


def _of_legs(operation: Move | Post, legs: list[Leg], books: Books) -> Posting:
    check_legs(legs, books)
    amount_micros = operation.amount_micros
    transfer = Transfer(operation.id, operation.kind, "", amount_micros, 0, 0, 0, 0, operation.memo, operation.details)
    return Posting(transfer, legs)


RULES: dict[type, Callable[[Any, Books], Posting]] = {
    Deduct: deduct,
    Charge: charge,
    Deposit: deposit,
    WriteOff: write_off,
    SetCreditLimit: set_credit_limit,
    Freeze: freeze,
    Unfreeze: unfreeze,
    GrantCredit: grant,
    VoidGrant: void_grant,
    ExpireGrant: expire_grant,
    Move: move,
    Post: post,
    Reverse: reverse,
    PlaceHold: place_hold,
    ExtendHold: extend_hold,
    Capture: capture,
    Release: release,
    ExpireHold: expire_hold,
}
