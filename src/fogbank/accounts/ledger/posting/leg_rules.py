"""The rules that any leg keeps, whatever operation it is of: each ledger account stays where it can be."""

from collections.abc import Iterable

from fogbank.accounts.ledger.chart import range_of
from fogbank.accounts.ledger.errors import AccountFrozen, AccountOutOfRange, GrantEnded, GrantNotFound
from fogbank.accounts.ledger.model import Leg, grant_in, owner_in
from fogbank.accounts.ledger.posting.books import Books, Owner
from fogbank.accounts.ledger.posting.burning import too_low


def check_legs(legs: Iterable[Leg], books: Books) -> None:
    """Refuse legs that a ledger account cannot take: by its floor, its range, a freeze, or because it has ended."""
    for name, amount_micros in legs:
        owner = owner_behind(name, books)
        if owner is not None and amount_micros < 0:
            check_taking(owner)
        if owner is not None and name == owner.customer:
            if amount_micros < 0 and books.spendable_micros(owner) < -amount_micros:
                raise too_low(books, owner, -amount_micros)
        else:
            check_range(name, books.balances[name] + amount_micros)


def check_taking(owner: Owner) -> None:
    """Refuse to take from a frozen account."""
    if owner.is_frozen:
        raise AccountFrozen(owner.account_id)


def check_range(name: str, balance_micros: int) -> None:
    """Refuse a balance that the chart does not have for this ledger account."""
    least_micros, most_micros = range_of(name)
    if not least_micros <= balance_micros <= most_micros:
        raise AccountOutOfRange(name, balance_micros)


def owner_behind(name: str, books: Books) -> Owner | None:
    """Whose ledger account it is; `None` for the system's. A grant must be there and not have ended."""
    grant_id = grant_in(name)
    if grant_id is not None:
        return going_grant(grant_id, books)
    account_id = owner_in(name)
    return None if account_id is None else books.owners[account_id]


def going_grant(grant_id: str, books: Books) -> Owner:
    """Whose grant it is; refused where there is none, or it has ended."""
    if grant_id not in books.grants:
        raise GrantNotFound(grant_id)
    owner, grant = books.grants[grant_id]
    if not grant.is_active(books.now) or grant_id in books.ended_grants:
        raise GrantEnded(grant_id)
    return owner
