"""Comparing: two tellings of the same figures, exactly, with the first that differs named."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from fogbank.audit.model import Check

Figures = Mapping[tuple[str, ...], Decimal]
"""Exact figures by what they are of: an account and a meter, say."""

NAMED_MAX = 3
"""How many of the differing figures are told in full."""


def compare_numbers(name: str, left: int | Decimal, right: int | Decimal, detail: str = "") -> Check:
    """One number against another; `detail` is said in any case."""
    return Check(name, left == right, f"{left:,}", f"{right:,}", detail)


def compare_figures(name: str, left: Figures, right: Figures) -> Check:
    """Each figure against its other telling; what one side does not have is zero there.

    Only the figures decide: sums that agree would hide two errors that cancel each other.
    """
    wrong = [key for key in sorted(left.keys() | right.keys()) if left.get(key, ZERO) != right.get(key, ZERO)]
    told = [f"{' '.join(key)}: {left.get(key, ZERO)} and {right.get(key, ZERO)}" for key in wrong[:NAMED_MAX]]
    if len(wrong) > NAMED_MAX:
        told.append(f"{len(wrong) - NAMED_MAX} more")
    return Check(name, not wrong, _counted(left), _counted(right), "; ".join(told))


def none_wrong(name: str, count: int, what: str, wrong: Sequence[str]) -> Check:
    """`count` things were looked at one by one, and `wrong` says what is wrong with those that are."""
    told = list(wrong[:NAMED_MAX])
    if len(wrong) > NAMED_MAX:
        told.append(f"{len(wrong) - NAMED_MAX:,} more")
    return Check(name, not wrong, f"{count:,} {what}", f"{len(wrong):,} wrong", "; ".join(told))


ZERO = Decimal(0)


def _counted(figures: Figures) -> str:
    return f"{sum(figure != 0 for figure in figures.values()):,} figures"


def by_meter(account_id: str, quantities: Mapping[str, str]) -> dict[tuple[str, ...], Decimal]:
    """An account's quantities, by account and meter."""
    return {(account_id, meter): Decimal(quantity) for meter, quantity in quantities.items()}
