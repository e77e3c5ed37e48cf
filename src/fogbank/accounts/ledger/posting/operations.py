"""The operations that the ledger takes. One that exists is well formed; whether it is allowed, the rules say.

| operation | does |
| --- | --- |
| `Deduct`, `Charge`, `Deposit`, `GrantCredit`, `SetCreditLimit`, `WriteOff` | to one payer, by an amount |
| `Move`, `Post` | from ledger accounts to others: two legs, or 2 to 16 |
| `PlaceHold`, `Capture`, `Release`, `ExpireHold` | reserve credit, then take or free it |
| `VoidGrant`, `ExpireGrant` | end a grant |
| `Reverse` | mirror a transfer |
| `Freeze`, `Unfreeze` | let nothing be taken from a payer but charges, and again |

`ExpireHold` and `ExpireGrant` are the ledger's own: make them with `of`; nobody may ask for them.
"""

from datetime import UTC, datetime
from typing import ClassVar, Self

from fogbank.accounts.ledger.errors import NotAnOperation
from fogbank.accounts.ledger.model import REVENUE, Force, GrantKind, Kind, Leg
from fogbank.accounts.ledger.posting.operation import (
    AMOUNT_MAX_MICROS,
    AccountOperation,
    DerivedOperation,
    Operation,
    ReasonedOperation,
    canonical,
    check_amount,
    check_instant,
    check_named,
    check_names,
)

LEGS_MIN, LEGS_MAX = 2, 16
PRIORITY_MAX = 1_000_000


class Deduct(AccountOperation, frozen=True, kw_only=True, gc=False):
    """Take the whole amount, grants first, or nothing."""

    kind = Kind.DEDUCT


class Charge(AccountOperation, frozen=True, kw_only=True, gc=False):
    """Take what is there, and record the rest as arrears; a negative amount is a refund."""

    kind = Kind.CHARGE
    amount_min_micros = -AMOUNT_MAX_MICROS


class Deposit(AccountOperation, frozen=True, kw_only=True, gc=False):
    """Money came in: it settles arrears, and the rest is credit."""

    kind = Kind.DEPOSIT


class WriteOff(AccountOperation, frozen=True, kw_only=True, gc=False):
    """Give up an amount of what the account owes."""

    kind = Kind.WRITE_OFF


class SetCreditLimit(AccountOperation, frozen=True, kw_only=True, gc=False):
    """Let the account's credit go down to minus this amount."""

    kind = Kind.LIMIT
    amount_min_micros = 0


class Freeze(ReasonedOperation, frozen=True, kw_only=True, gc=False):
    """From now on, let nothing take from the account but charges. The memo is the reason."""

    kind = Kind.FREEZE


class Unfreeze(ReasonedOperation, frozen=True, kw_only=True, gc=False):
    """End a freeze. The memo is the reason."""

    kind = Kind.UNFREEZE


class GrantCredit(AccountOperation, frozen=True, kw_only=True, gc=False):
    """Credit of its own priority and expiry. The grant has the operation's id."""

    kind = Kind.GRANT
    is_plain = False
    grant_kind: GrantKind
    priority: int = 100
    expires_at: datetime | None = None

    def __post_init__(self) -> None:
        AccountOperation.__post_init__(self)
        if not 0 <= self.priority <= PRIORITY_MAX:
            raise NotAnOperation("priority", f"must be from 0 to {PRIORITY_MAX}")
        check_instant("expires_at", self.expires_at)

    @property
    def details(self) -> str:
        return canonical(self.grant_kind, self.priority, self.expires_at and self.expires_at.astimezone(UTC))


class VoidGrant(DerivedOperation, frozen=True, kw_only=True, gc=False):
    """End a grant: what is left of it goes back to where it was granted from."""

    kind = Kind.VOID_GRANT
    grant_id: str

    def __post_init__(self) -> None:
        Operation.__post_init__(self)
        check_named("grant_id", self.grant_id)

    @property
    def details(self) -> str:
        return canonical(self.grant_id)


class ExpireGrant(DerivedOperation, frozen=True, kw_only=True, gc=False):
    """Settle a grant whose time is up: what is left of it goes to promotions, or to breakage where it was bought."""

    kind = Kind.EXPIRE_GRANT
    grant_id: str

    def __post_init__(self) -> None:
        """Its id is the ledger's own, and right as it is."""

    @classmethod
    def of(cls, grant_id: str) -> Self:
        """The one for this grant: always the same, so that it is posted once."""
        return cls(id=f"expire_grant:{grant_id}", grant_id=grant_id)

    @property
    def details(self) -> str:
        return canonical(self.grant_id)


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


class PlaceHold(AccountOperation, frozen=True, kw_only=True, gc=False):
    """Reserve own credit, never grants: what is held may be paid out. The hold has the operation's id."""

    kind = Kind.HOLD
    expires_at: datetime

    def __post_init__(self) -> None:
        AccountOperation.__post_init__(self)
        check_instant("expires_at", self.expires_at)

    @property
    def details(self) -> str:
        return canonical(self.expires_at.astimezone(UTC))


class Capture(DerivedOperation, frozen=True, kw_only=True, gc=False):
    """Take all or part of what is held, to any ledger account but a grant, and free the rest."""

    kind = Kind.CAPTURE
    hold_id: str
    part_micros: int | None = None
    to_name: str = REVENUE

    def __post_init__(self) -> None:
        Operation.__post_init__(self)
        if self.part_micros is not None:
            check_amount(self.part_micros)
        check_names("to", [self.to_name])

    @property
    def details(self) -> str:
        return canonical(self.hold_id, self.part_micros, self.to_name)


class Release(DerivedOperation, frozen=True, kw_only=True, gc=False):
    """Free all that is held."""

    kind = Kind.RELEASE
    hold_id: str

    @property
    def details(self) -> str:
        return canonical(self.hold_id)


class ExpireHold(DerivedOperation, frozen=True, kw_only=True, gc=False):
    """Put on record that a hold's time is up. The ledger posts it ahead of all that it decides after that instant."""

    kind = Kind.EXPIRE_HOLD
    hold_id: str

    def __post_init__(self) -> None:
        """Its id is the ledger's own, and right as it is."""

    @classmethod
    def of(cls, hold_id: str) -> Self:
        """The one for this hold: always the same, so that it is posted once."""
        return cls(id=f"expire_hold:{hold_id}", hold_id=hold_id)

    @property
    def details(self) -> str:
        return canonical(self.hold_id)


HoldOperation = Capture | Release | ExpireHold
GrantEnding = VoidGrant | ExpireGrant

AnyOperation = (
    Deduct
    | Charge
    | Deposit
    | WriteOff
    | SetCreditLimit
    | Freeze
    | Unfreeze
    | GrantCredit
    | GrantEnding
    | Move
    | Post
    | Reverse
    | PlaceHold
    | HoldOperation
)
