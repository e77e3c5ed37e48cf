"""Operations on ledger accounts by name: from one to another, over many, and the mirror of what was posted."""

from typing import ClassVar

from fogbank.accounts.ledger.errors import NotAnOperation
from fogbank.accounts.ledger.model import Force, Kind, Leg
from fogbank.accounts.ledger.posting.operation import (
    AMOUNT_MAX_MICROS,
    DerivedOperation,
    Operation,
    canonical,
    check_amount,
    check_named,
    check_names,
)

LEGS_MIN, LEGS_MAX = 2, 16


class Move(Operation, frozen=True, kw_only=True, gc=False):
    """From one ledger account to another, by name: any of the chart but grants."""

    kind = Kind.TRANSFER
    amount_micros: int
    from_name: str
    to_name: str

    account_id: ClassVar[str] = ""

    def __post_init__(self) -> None:
        Operation.__post_init__(self)
        check_amount(self.amount_micros)
        check_names("from", [self.from_name])
        check_names("to", [self.to_name])
        if self.from_name == self.to_name:
            raise NotAnOperation("to", "must be another ledger account")

    @property
    def details(self) -> str:
        return canonical(self.from_name, self.to_name)


class Post(Operation, frozen=True, kw_only=True, gc=False):
    """2 to 16 legs over any ledger accounts, one each, that sum to zero. A leg is `(name, amount in micro-credits)`."""

    kind = Kind.POST
    legs: tuple[Leg, ...]

    account_id: ClassVar[str] = ""

    def __post_init__(self) -> None:
        Operation.__post_init__(self)
        if not LEGS_MIN <= len(self.legs) <= LEGS_MAX:
            raise NotAnOperation("legs", f"must be {LEGS_MIN} to {LEGS_MAX}")
        check_names("legs", (name for name, _ in self.legs), with_grants=True)
        if len({name for name, _ in self.legs}) < len(self.legs):
            raise NotAnOperation("legs", "must name each ledger account once")
        if not all(1 <= abs(amount_micros) <= AMOUNT_MAX_MICROS for _, amount_micros in self.legs):
            raise NotAnOperation("legs", f"must each be from 1 to {AMOUNT_MAX_MICROS} micro-credits, either way")
        if sum(amount_micros for _, amount_micros in self.legs):
            raise NotAnOperation("legs", "must sum to zero")

    @property
    def amount_micros(self) -> int:
        """What moves in all: the sum of the legs that give."""
        return sum(amount_micros for _, amount_micros in self.legs if amount_micros > 0)

    @property
    def details(self) -> str:
        return canonical(*sorted(self.legs))


class Reverse(DerivedOperation, frozen=True, kw_only=True, gc=False):
    """Undo a transfer by its mirror, once; where that no longer fits, only if `force` says who bears the rest."""

    kind = Kind.REVERSE
    transfer_id: str
    force: Force | None = None

    def __post_init__(self) -> None:
        Operation.__post_init__(self)
        check_named("transfer_id", self.transfer_id)

    @property
    def details(self) -> str:
        return canonical(self.transfer_id, self.force)
