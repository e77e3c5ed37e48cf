"""Operations on holds: credit is reserved, for longer, then taken or free again."""

from datetime import UTC, datetime
from typing import Self

from fogbank.accounts.ledger.errors import NotAnOperation
from fogbank.accounts.ledger.model import REVENUE, Kind
from fogbank.accounts.ledger.posting.operation import (
    AccountOperation,
    DerivedOperation,
    Operation,
    canonical,
    check_amount,
    check_instant,
    check_named,
    check_names,
)

HOLD_ID_LENGTH_MAX = 190
"""Room for the id of what ends the hold: its own, and `:capture` or `:release`."""


class PlaceHold(AccountOperation, frozen=True, kw_only=True, gc=False):
    """Reserve own credit, never grants: what is held may be paid out. The hold has the operation's id."""

    kind = Kind.HOLD
    expires_at: datetime

    def __post_init__(self) -> None:
        AccountOperation.__post_init__(self)
        if len(self.id) > HOLD_ID_LENGTH_MAX:
            raise NotAnOperation("id", f"must be at most {HOLD_ID_LENGTH_MAX} characters, being a hold's")
        check_instant("expires_at", self.expires_at)

    @property
    def details(self) -> str:
        return canonical(self.expires_at.astimezone(UTC))


class ExtendHold(DerivedOperation, frozen=True, kw_only=True, gc=False):
    """Let an open hold reserve until later. What it reserves stays the same."""

    kind = Kind.EXTEND_HOLD
    hold_id: str
    expires_at: datetime

    def __post_init__(self) -> None:
        Operation.__post_init__(self)
        check_named("hold_id", self.hold_id)
        check_instant("expires_at", self.expires_at)

    @property
    def details(self) -> str:
        return canonical(self.hold_id, self.expires_at.astimezone(UTC))


class Capture(DerivedOperation, frozen=True, kw_only=True, gc=False):
    """Take all or part of what is held, to any ledger account but a grant, and free the rest."""

    kind = Kind.CAPTURE
    hold_id: str
    part_micros: int | None = None
    to_name: str = REVENUE

    def __post_init__(self) -> None:
        Operation.__post_init__(self)
        check_named("hold_id", self.hold_id)
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

    def __post_init__(self) -> None:
        Operation.__post_init__(self)
        check_named("hold_id", self.hold_id)

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
