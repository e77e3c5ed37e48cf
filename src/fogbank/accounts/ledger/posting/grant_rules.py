"""Grants: credit in an account of its own, until it is spent, voided or its time is up."""

from msgspec.structs import replace

from fogbank.accounts.ledger.errors import GrantEnded, GrantNotFound, NotAnOperation, NotYetExpired
from fogbank.accounts.ledger.model import Grant, Posting, grant_name
from fogbank.accounts.ledger.posting.books import Books
from fogbank.accounts.ledger.posting.burning import posting_of
from fogbank.accounts.ledger.posting.leg_rules import check_range, check_taking, going_grant
from fogbank.accounts.ledger.posting.operations import ExpireGrant, GrantCredit, GrantEnding, VoidGrant
from fogbank.kernel.money import MICROS_MAX


def grant(operation: GrantCredit, books: Books) -> Posting:
    """Credit in an account of its own. It settles no arrears: they were charged before it was given."""
    if operation.expires_at is not None and operation.expires_at <= books.now:
        raise NotAnOperation("expires_at", "must be in the future")
    legs = [(grant_name(operation.id), operation.amount_micros)]
    posting = posting_of(operation, books, books.owners[operation.account_id], legs, operation.grant_kind.source)
    terms = Grant(operation.id, operation.grant_kind, operation.priority, operation.expires_at, age=MICROS_MAX)
    return replace(posting, grant=terms)


def void_grant(operation: VoidGrant, books: Books) -> Posting:
    """What is left goes back to where it was granted from, as if it had not been given."""
    owner = going_grant(operation.grant_id, books)
    check_taking(owner)
    terms = books.grants[operation.grant_id][1]
    return _ended(operation, books, terms.kind.source)


def expire_grant(operation: ExpireGrant, books: Books) -> Posting:
    """What is left goes to promotions, or to breakage where it was bought. A freeze does not keep time from passing."""
    if operation.grant_id not in books.grants:
        raise GrantNotFound(operation.grant_id)
    terms = books.grants[operation.grant_id][1]
    if operation.grant_id in books.ended_grants:
        raise GrantEnded(operation.grant_id)
    if terms.is_active(books.now):
        raise NotYetExpired(operation.grant_id)
    return _ended(operation, books, terms.kind.remainder)


def _ended(operation: GrantEnding, books: Books, target: str) -> Posting:
    owner, terms = books.grants[operation.grant_id]
    name = grant_name(operation.grant_id)
    left_micros = books.balances[name]
    check_range(target, books.balances[target] + left_micros)
    # What has expired was no part of the balance any more, so to settle it does not change the balance.
    before = left_micros if terms.is_active(books.now) else 0
    legs = [(name, -left_micros)] if left_micros else []
    posting = posting_of(operation, books, owner, legs, target, amount_micros=left_micros)
    balance_micros = posting.transfer.balance_micros + left_micros - before
    return replace(
        posting,
        transfer=replace(posting.transfer, balance_micros=balance_micros),
        ended_grant=operation.grant_id,
    )
