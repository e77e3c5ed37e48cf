"""Recipes: what may be asked of a ledger, drawn before it is known which holds, grants and transfers there are."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from tests.integration.ledger.plain_ledger import PlainLedger

from fogbank.accounts.ledger.model import Force, GrantKind
from fogbank.accounts.ledger.posting import operations as ops

PAYERS = ["org_a", "org_b"]
PLACES = [
    *(f"{sort}:{who}" for sort in ("customer", "arrears") for who in PAYERS),
    "earnings:org_a",
    "earnings:op_x",
    "revenue",
    "deposits",
    "custody",
    "treasury",
    "tax",
    "adjustments",
]


@dataclass(frozen=True)
class Recipe:
    """What to ask, before it is known of which holds, grants and transfers there are."""

    kind: str
    payer: str
    amount: int
    minutes: int
    pick: int
    choice: int
    places: tuple[str, ...]
    beyond: int | None = None
    """By how much to pass what the payer can spend, whatever that is by then; None for `amount` as it is."""


def operation_of(recipe: Recipe, plain: PlainLedger, new_id: str) -> ops.AnyOperation:
    """What the recipe asks of the ledger as it stands, under `new_id`."""
    if recipe.beyond is not None:
        recipe = replace(recipe, amount=max(_spendable(recipe, plain) + recipe.beyond, 1))
    return BUILDERS[recipe.kind](recipe, plain, new_id)


def _spendable(recipe: Recipe, plain: PlainLedger) -> int:
    """What a deduction can take; of what else takes, all but grants."""
    grants = plain.own_grants(recipe.payer) if recipe.kind == "deduct" else []
    return plain.free_credit(recipe.payer) + sum(plain.balances[f"grant:{each}"] for each in grants)


def _one_of(known: dict[str, Any], recipe: Recipe) -> str:
    """One of the last few; sometimes one that does not exist."""
    return list(known)[-1 - recipe.pick % len(known)] if known and recipe.choice else "none"


def _grant(recipe: Recipe, plain: PlainLedger, new_id: str) -> ops.AnyOperation:
    return ops.GrantCredit(
        id=new_id,
        account_id=recipe.payer,
        amount_micros=recipe.amount,
        grant_kind=list(GrantKind)[recipe.choice % 2],
        priority=recipe.choice % 4,
        expires_at=plain.now + timedelta(minutes=recipe.minutes) if recipe.choice % 3 else None,
    )


def _hold(recipe: Recipe, plain: PlainLedger, new_id: str) -> ops.AnyOperation:
    until = plain.now + timedelta(minutes=recipe.minutes)
    return ops.PlaceHold(id=new_id, account_id=recipe.payer, amount_micros=recipe.amount, expires_at=until)


def _capture(recipe: Recipe, plain: PlainLedger, new_id: str) -> ops.AnyOperation:
    part = recipe.amount if recipe.choice % 2 else None
    return ops.Capture(id=new_id, hold_id=_one_of(plain.holds, recipe), part_micros=part, to_name=recipe.places[0])


def _move(recipe: Recipe, _plain: PlainLedger, new_id: str) -> ops.AnyOperation:
    source, target = recipe.places[:2]
    return ops.Move(id=new_id, amount_micros=recipe.amount, from_name=source, to_name=target)


def _post(recipe: Recipe, plain: PlainLedger, new_id: str) -> ops.AnyOperation:
    """Four legs, or two where the fourth would be none."""
    names = list(recipe.places)
    if recipe.choice % 2 and plain.grants:
        names[0] = "grant:" + _one_of(plain.grants, recipe)
    amounts = [recipe.amount, -recipe.minutes, recipe.pick + 1]
    rest = -sum(amounts)
    amounts = [*amounts, rest] if rest else [-recipe.amount, recipe.amount]
    return ops.Post(id=new_id, legs=tuple(zip(names, amounts, strict=False)))


def _reverse(recipe: Recipe, plain: PlainLedger, new_id: str) -> ops.AnyOperation:
    force = [None, None, Force.ARREARS, Force.WRITE_OFF][recipe.choice % 4]
    return ops.Reverse(id=new_id, transfer_id=_one_of(plain.posted, recipe), force=force)


def _of_amount(
    operation: Callable[..., ops.AnyOperation], amount_of: Callable[[int], int] = lambda amount: amount
) -> "Builder":
    return lambda recipe, _, new_id: operation(
        id=new_id, account_id=recipe.payer, amount_micros=amount_of(recipe.amount), memo='a \\ and a "quote", – и'
    )


Builder = Callable[[Recipe, PlainLedger, str], ops.AnyOperation]

BUILDERS: dict[str, Builder] = {
    "deposit": _of_amount(ops.Deposit),
    "deduct": _of_amount(ops.Deduct),
    "charge": _of_amount(ops.Charge),
    "refund": _of_amount(ops.Charge, lambda amount: -amount),
    "limit": _of_amount(ops.SetCreditLimit, lambda amount: amount // 2),
    "write off": _of_amount(ops.WriteOff, lambda amount: amount // 4 + 1),
    "grant": _grant,
    "hold": _hold,
    "capture": _capture,
    "extend": lambda recipe, plain, new_id: ops.ExtendHold(
        id=new_id,
        hold_id=_one_of(plain.holds, recipe),
        expires_at=plain.now + timedelta(minutes=recipe.minutes * 2),
    ),
    "release": lambda recipe, plain, new_id: ops.Release(id=new_id, hold_id=_one_of(plain.holds, recipe)),
    "void": lambda recipe, plain, new_id: ops.VoidGrant(id=new_id, grant_id=_one_of(plain.grants, recipe)),
    "move": _move,
    "post": _post,
    "reverse": _reverse,
    "freeze": lambda recipe, _, new_id: ops.Freeze(id=new_id, account_id=recipe.payer, memo="a claim"),
    "unfreeze": lambda recipe, _, new_id: ops.Unfreeze(id=new_id, account_id=recipe.payer, memo="settled"),
}
OFTEN = ("deposit", "deduct", "charge", "grant", "hold", "post", "reverse", "unfreeze")

RECIPES = st.builds(
    Recipe,
    kind=st.sampled_from([*BUILDERS, *OFTEN]),
    payer=st.sampled_from(PAYERS),
    amount=st.integers(1, 300),
    minutes=st.integers(1, 200),
    pick=st.integers(0, 5),
    choice=st.integers(0, 11),
    places=st.lists(st.sampled_from(PLACES), min_size=4, max_size=4, unique=True).map(tuple),
    beyond=st.none() | st.integers(-2, 40),
)
