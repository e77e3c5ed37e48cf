"""Reversing: a transfer is undone by its mirror, each of its entries with the other sign, once.

The mirror must fit as the ledger stands now. Where it does not, `Force` says who bears what is missing:

* what a payer's credit or grant no longer has becomes arrears, or is written off;
* what would go back to a grant that has ended, or to arrears that were settled since, becomes the payer's credit.
"""

from collections import Counter

from msgspec.structs import replace

from fogbank.accounts.ledger.errors import AlreadyReversed, NotReversible, TransferNotFound
from fogbank.accounts.ledger.model import (
    WRITE_OFFS,
    Force,
    Kind,
    Leg,
    Posting,
    Transfer,
    arrears_name,
    customer_name,
    grant_in,
    owner_in,
)
from fogbank.accounts.ledger.posting.books import Books, Owner
from fogbank.accounts.ledger.posting.burning import balance_of
from fogbank.accounts.ledger.posting.leg_rules import check_legs, check_taking
from fogbank.accounts.ledger.posting.operations import Reverse
from fogbank.kernel.money import MICROS_MAX

REVERSIBLE = frozenset(
    {Kind.DEDUCT, Kind.CHARGE, Kind.DEPOSIT, Kind.GRANT, Kind.TRANSFER, Kind.POST, Kind.CAPTURE, Kind.WRITE_OFF}
)
"""All others moved nothing, ended a grant, or are reversals: those are undone by posting anew."""

WITHOUT_LIMIT = 2 * MICROS_MAX
"""More than any entry moves."""


def reverse(operation: Reverse, books: Books) -> Posting:
    """The mirror of a transfer; refused where there is none, it was reversed before, or its mirror does not fit."""
    transfer, legs = _reversible(operation.transfer_id, books)
    mirror = [(name, -amount_micros) for name, amount_micros in legs]
    if operation.force is not None:
        mirror = _fitted(mirror, books, operation.force)
    check_legs(mirror, books)
    return replace(_posting_of(operation, transfer, mirror, books), reversed_id=transfer.id)


def _reversible(transfer_id: str, books: Books) -> tuple[Transfer, list[Leg]]:
    transfer, legs = books.transfers.get(transfer_id), books.legs_of(transfer_id)
    if transfer is None:
        raise TransferNotFound(transfer_id)
    if transfer.kind not in REVERSIBLE or not legs:
        raise NotReversible(transfer_id, transfer.kind)
    if transfer_id in books.reversals:
        raise AlreadyReversed(transfer_id, books.reversals[transfer_id])
    return transfer, legs


def _fitted(mirror: list[Leg], books: Books, force: Force) -> list[Leg]:
    """The mirror with what does not fit moved to where `force` says."""
    fitted: Counter[str] = Counter()
    for name, amount_micros in mirror:
        owner = _payer_of(name, books)
        if owner is None:
            fitted[name] += amount_micros
        elif amount_micros < 0:
            check_taking(owner)
            taken_micros = min(-amount_micros, _takeable_micros(name, owner, books))
            bearer = owner.arrears if force is Force.ARREARS else WRITE_OFFS
            fitted[name] -= taken_micros
            fitted[bearer] += amount_micros + taken_micros
        else:
            given_micros = min(amount_micros, _room_micros(name, owner, books))
            fitted[name] += given_micros
            fitted[owner.customer] += amount_micros - given_micros
    return [(name, amount_micros) for name, amount_micros in fitted.items() if amount_micros]


def _payer_of(name: str, books: Books) -> Owner | None:
    """Whose credit, grant or arrears it is; `None` for any other ledger account."""
    grant_id = grant_in(name)
    if grant_id is not None:
        return books.grants[grant_id][0]
    account_id = owner_in(name)
    is_payers = account_id is not None and name in {customer_name(account_id), arrears_name(account_id)}
    return books.owners[account_id] if account_id is not None and is_payers else None


def _takeable_micros(name: str, owner: Owner, books: Books) -> int:
    """How much can go from a payer's credit or grant; what is owed can always grow."""
    if name == owner.customer:
        return max(books.spendable_micros(owner), 0)
    if name == owner.arrears:
        return WITHOUT_LIMIT
    return books.balances[name] if _is_going(name, books) else 0


def _room_micros(name: str, owner: Owner, books: Books) -> int:
    """How much can come back to a payer's grant or arrears; credit has room for all."""
    if name == owner.customer:
        return WITHOUT_LIMIT
    if name == owner.arrears:
        return -books.balances[name]
    return WITHOUT_LIMIT if _is_going(name, books) else 0


def _is_going(name: str, books: Books) -> bool:
    grant_id = grant_in(name) or ""
    return grant_id not in books.ended_grants and books.grants[grant_id][1].is_active(books.now)


def _posting_of(operation: Reverse, transfer: Transfer, mirror: list[Leg], books: Books) -> Posting:
    """The reversal on record: of the same account and amount, and what the mirror does to that account."""
    owner = books.owners.get(transfer.account_id)
    grants_micros = credit_micros = arrears_micros = balance_micros = 0
    if owner is not None:
        for name, amount_micros in mirror:
            credit_micros += amount_micros if name == owner.customer else 0
            arrears_micros += amount_micros if name == owner.arrears else 0
            grants_micros += amount_micros if name.startswith("grant:") and _payer_of(name, books) is owner else 0
        balance_micros = balance_of(books, owner) + credit_micros + grants_micros
    record = Transfer(
        operation.id,
        operation.kind,
        transfer.account_id,
        transfer.amount_micros,
        grants_micros,
        credit_micros,
        arrears_micros,
        balance_micros,
        operation.memo,
        operation.details,
    )
    return Posting(record, mirror)
