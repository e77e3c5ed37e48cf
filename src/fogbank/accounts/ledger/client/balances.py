"""What an account has, now, at a past instant and day by day."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class GrantView:
    """A grant that can be spent: `remaining` of it until `expires_at`, or without end.

    `kind` says where it came from (paid or promotional); the lower `priority` is spent first.
    """

    id: str
    kind: str
    remaining: str
    priority: int
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class RunwayView:
    """How long what may be spent lasts, if it goes on as in the last `measured_seconds`, when `spent` was spent.

    `days` is `seconds` in days, with two decimals. Grants are spent as they burn, and no longer once they expire.
    """

    seconds: int
    days: str
    spent: str
    measured_seconds: int


@dataclass(frozen=True, slots=True)
class BalanceView:
    """What an account has, or had just before `at`.

    `balance` is its own credit and its active grants; `held` of it is reserved, and `available` is the rest, which
    never passes `floor` (zero, or minus its credit limit). `arrears` is what it owes beyond that, as a positive amount.
    `is_frozen` says that nothing takes from it but charges. `runway` is null where nothing was spent of late, and for a
    past instant.
    """

    account_id: str
    currency: str
    balance: str
    available: str
    held: str
    floor: str
    arrears: str
    grants: list[GrantView]
    is_frozen: bool = False
    runway: RunwayView | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class DayBalance:
    """The balance at the end of the day that begins at `day`, or now for the present one."""

    day: datetime
    balance: str


@dataclass(frozen=True, slots=True)
class BalanceHistoryView:
    """The balance of each of the last days, the present one last."""

    account_id: str
    currency: str
    days: list[DayBalance]
