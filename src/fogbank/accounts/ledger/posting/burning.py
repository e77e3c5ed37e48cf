"""How an amount is taken from a payer or given to it, and the posting that results."""

from fogbank.accounts.ledger.errors import BalanceTooLow
from fogbank.accounts.ledger.model import REVENUE, Leg, Posting, Transfer, grant_name
from fogbank.accounts.ledger.posting.books import Books, Owner
from fogbank.accounts.ledger.posting.operations import AnyOperation


def burn(books: Books, owner: Owner, amount_micros: int) -> tuple[list[Leg], int]:
    """The legs that take up to `amount_micros` of `owner`, and what is left over.

    Active grants burn first, by lower priority number, earlier expiry and age; then own credit, down to the floor.
    """
    legs: list[Leg] = []
    rest = amount_micros
    for terms in owner.grants:
        if rest and terms.is_active(books.now):
            name = grant_name(terms.id)
            part = min(rest, books.balances[name])
            if part:
                legs.append((name, -part))
                rest -= part
    from_credit = min(rest, books.spendable_micros(owner))
    if from_credit > 0:
        legs.append((owner.customer, -from_credit))
        rest -= from_credit
    return legs, rest


def settle(books: Books, owner: Owner, amount_micros: int) -> list[Leg]:
    """The legs that give `amount_micros` to `owner`: arrears first, the rest to its credit."""
    to_arrears = min(amount_micros, -books.balances[owner.arrears])
    parts = ((owner.arrears, to_arrears), (owner.customer, amount_micros - to_arrears))
    return [(name, part) for name, part in parts if part]


def posting_of(
    operation: AnyOperation,
    books: Books,
    owner: Owner,
    legs: list[Leg],
    counterpart: str = REVENUE,
    *,
    amount_micros: int | None = None,
) -> Posting:
    """The posting that does `legs` to `owner`, balanced by one leg on `counterpart` so that all sum to zero.

    The amount on record is the operation's, unless it has none of its own.
    """
    credit_micros = arrears_micros = grants_micros = 0
    for name, part in legs:
        if name == owner.customer:
            credit_micros = part
        elif name == owner.arrears:
            arrears_micros = part
        else:
            grants_micros += part
    total_micros = credit_micros + arrears_micros + grants_micros
    if total_micros:
        legs.append((counterpart, -total_micros))
    transfer = Transfer(
        operation.id,
        operation.kind,
        owner.account_id,
        (operation.amount_micros or 0) if amount_micros is None else amount_micros,
        grants_micros,
        credit_micros,
        arrears_micros,
        balance_of(books, owner) + credit_micros + grants_micros,
        operation.memo,
        operation.details,
    )
    return Posting(transfer, legs)


def balance_of(books: Books, owner: Owner) -> int:
    """The payer's balance: its own credit, and what is left of its active grants."""
    credit_micros = books.balances[owner.customer]
    return credit_micros + books.active_grants_micros(owner) if owner.grants else credit_micros


def too_low(books: Books, owner: Owner, amount_micros: int) -> BalanceTooLow:
    """The refusal of `amount_micros`, with what a caller needs to do better."""
    balance_micros = balance_of(books, owner)
    return BalanceTooLow(
        owner.account_id,
        amount=amount_micros,
        balance=balance_micros,
        available=balance_micros - owner.held_micros,
        floor=owner.floor_micros,
    )
