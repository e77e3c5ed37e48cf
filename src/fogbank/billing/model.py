"""Billing's words: lines, charges, and where a payer's credit stands."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from fogbank.kernel.ids import AccountId
from fogbank.kernel.meters import Meter
from fogbank.kernel.money import Micros
from fogbank.kernel.quantities import Quantity


class LineKey(NamedTuple):
    """What is charged by: one payer, one calendar month in UTC, one meter."""

    account_id: AccountId
    month_start_at: datetime
    meter: Meter

    @property
    def month(self) -> str:
        """The month as people write it: `2026-11`."""
        return f"{self.month_start_at:%Y-%m}"


@dataclass(frozen=True, slots=True)
class Line:
    """What is known of one line: its total so far, the cost of that, and what was charged for it.

    Cost and charged differ while a volume price waits for the month to end.
    """

    key: LineKey
    price_book_version: int
    quantity: Quantity
    cost_micros: Micros
    charged_micros: Micros
    revision: int


@dataclass(frozen=True, slots=True)
class Charge:
    """One revision of a line: by how much it changed what was charged. Negative refunds."""

    key: LineKey
    revision: int
    price_book_version: int
    quantity: Quantity
    cost_micros: Micros
    amount_micros: Micros

    @property
    def id(self) -> str:
        """The id that it is written and posted under: saying it again is saying it once."""
        return f"charge:{self.key.account_id}:{self.key.month}:{self.key.meter}:{self.revision}"


@dataclass(frozen=True, slots=True)
class StoredCharge:
    """A charge as it is kept. `position` orders them by when they were written."""

    position: int
    charge: Charge
    written_at: datetime
    posted_at: datetime | None
    transfer_id: str | None


class CreditState(StrEnum):
    """Where a payer's credit stands."""

    OK = "ok"
    LOW = "low"
    EXHAUSTED = "exhausted"
