"""How an amount is taken from a payer or given to it, and the posting that results."""

from fogbank.accounts.ledger.books import Books, Owner
from fogbank.accounts.ledger.errors import BalanceTooLow
from fogbank.accounts.ledger.model import REVENUE, Leg, Transfer, grant_name
from fogbank.accounts.ledger.operations import AnyOperation


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


def balanced(legs: list[Leg], counterpart: str = REVENUE) -> tuple[Leg, ...]:
    """The legs with one more on `counterpart`, so that they sum to zero."""
    total_micros = sum(part for _, part in legs)
    return (*legs, (counterpart, -total_micros)) if total_micros else tuple(legs)


def transfer_of(
    operation: AnyOperation, books: Books, owner: Owner, legs: list[Leg], *, amount_micros: int | None = None
) -> Transfer:
    """The record of what `legs` do to `owner`; the amount is the operation's unless it has none of its own."""
    credit_micros = arrears_micros = grants_micros = 0
    for name, part in legs:
        if name == owner.customer:
            credit_micros = part
        elif name == owner.arrears:
            arrears_micros = part
        else:
            grants_micros += part
    if amount_micros is None:
        amount_micros = operation.amount_micros or 0
    balance_micros = balance_of(books, owner) + credit_micros + grants_micros
    return Transfer(
        operation.id,
        operation.kind,
        owner.account_id,
        amount_micros,
        grants_micros,
        credit_micros,
        arrears_micros,
        balance_micros,
        operation.memo,
        operation.details,
    )


def balance_of(books: Books, owner: Owner) -> int:
    """The payer's balance: its own credit, and what is left of its active grants."""
    credit_micros = books.balances[owner.customer]
    return credit_micros + books.active_grants_micros(owner) if owner.grants else credit_micros


def too_low(operation: AnyOperation, books: Books, owner: Owner) -> BalanceTooLow:
    """The refusal, with what a caller needs to do better."""
    balance_micros = balance_of(books, owner)
    return BalanceTooLow(
        owner.account_id,
        amount=operation.amount_micros or 0,
        balance=balance_micros,
        available=balance_micros - owner.held_micros,
        floor=owner.floor_micros,
    )
