"""What billing reads: totals of payers and months."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class AccountTotal:
    """What one payer used so far in the calendar month (UTC) that starts at `month_start_at`."""

    account_id: str
    month_start_at: datetime
    quantities: dict[str, str]


@dataclass(frozen=True, slots=True)
class Totals:
    """The totals that moved after the cursor that was asked with; `cursor` is what to ask with next time."""

    cursor: int
    totals: list[AccountTotal]
