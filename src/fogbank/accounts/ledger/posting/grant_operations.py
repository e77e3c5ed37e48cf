"""Operations on grants: credit of its own priority and expiry is given, voided, or its time is up."""

from datetime import UTC, datetime
from typing import Self

from fogbank.accounts.ledger.errors import NotAnOperation
from fogbank.accounts.ledger.model import GrantKind, Kind
from fogbank.accounts.ledger.posting.operation import (
    AccountOperation,
    DerivedOperation,
    Operation,
    canonical,
    check_instant,
    check_named,
)

PRIORITY_MAX = 1_000_000


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
