"""How long an account lasts if it goes on spending as it did of late. Pure, in integers."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from fogbank.kernel.periods import MICROSECOND

MEASURED = timedelta(hours=24)
MEASURED_MIN = timedelta(hours=1)
"""An account that spent for minutes only says little of the hours to come."""

SECONDS_MAX = 100 * 366 * 86_400
"""What lasts a century lasts."""


@dataclass(frozen=True, slots=True)
class Spending:
    """What was spent, in micro-credits, in the time until now that it was measured in."""

    spent_micros: int
    measured: timedelta


@dataclass(frozen=True, slots=True)
class Store:
    """Credit that burns until `expires_at`, or without end."""

    amount_micros: int
    expires_at: datetime | None


def measured_since(now: datetime, first_at: datetime | None) -> datetime:
    """From when on spending is measured: a day ago, or since the account began, but for an hour at least."""
    return now - MEASURED if first_at is None else max(now - MEASURED, min(first_at, now - MEASURED_MIN))


def runway_seconds(stores: Iterable[Store], spending: Spending, now: datetime) -> int | None:
    """How long `stores`, in burn order, last at the rate of `spending`; None where nothing was spent.

    One store burns after the other, each no longer than until it expires.
    """
    measured_us = spending.measured // MICROSECOND
    if spending.spent_micros <= 0:
        return None
    lasts_us = 0
    for store in stores:
        burns_us = max(store.amount_micros, 0) * measured_us // spending.spent_micros
        if store.expires_at is not None:
            burns_us = min(burns_us, max((store.expires_at - now) // MICROSECOND - lasts_us, 0))
        lasts_us += burns_us
    return min(lasts_us // 1_000_000, SECONDS_MAX)


def days_text(seconds: int) -> str:
    """Seconds as days with two decimals, rounded down: what is left is never more than it says."""
    hundredths = seconds * 100 // 86_400
    return f"{hundredths // 100}.{hundredths % 100:02d}"
