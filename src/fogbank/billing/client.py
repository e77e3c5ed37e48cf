"""What other components may know of billing: its views and a typed client.

Money is decimal strings of credits, quantities are decimal strings of whole units, instants are RFC 3339 in UTC.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from fogbank.runtime.client import ServiceHttp

Interval = Literal["hour", "day", "month"]
CostGrouping = Literal["meter", "instance"]

PRICES_PATH = "/api/v1/prices"
ACCOUNTS_PATH = "/api/v1/billing/accounts"
FIGURES_PATH = "/api/v1/billing/figures"
NEEDS_PATH = "/api/v1/billing/needs"
CREDITS_PATH = "/api/v1/billing/credits"
CREDITS_MAX = 100


@dataclass(frozen=True, slots=True)
class TierView:
    """A step of a price: up to and including `up_to` (None is open-ended), per unit and once."""

    up_to: str | None
    unit_price: str
    flat_price: str


@dataclass(frozen=True, slots=True)
class PriceLineView:
    """What one meter costs, per `unit` as people count it: a CPU-hour, a GB.

    `text` says it in one line. Which of the other fields are there depends on `model`: `per_unit` has `unit_price`,
    `flat` has `flat_price`, `graduated` and `volume` have `tiers`, `package` has the package's fields.
    """

    meter: str
    label: str
    unit: str
    model: str
    text: str
    is_free: bool
    unit_price: str | None = None
    flat_price: str | None = None
    tiers: list[TierView] = field(default_factory=list)
    package_size: str | None = None
    package_price: str | None = None
    free_quantity: str | None = None


@dataclass(frozen=True, slots=True)
class PriceBookView:
    """One immutable version of the prices; it prices whole calendar months, from the one that begins at `valid_from`.

    `next_valid_from` says from when a later version that is already published prices.
    """

    version: int
    valid_from: datetime
    currency: str
    lines: list[PriceLineView]
    next_valid_from: datetime | None = None


@dataclass(frozen=True, slots=True)
class MeterSpend:
    """One meter's part of what is spent. `quantity` is the month's so far, in the meter's own `unit`."""

    meter: str
    label: str
    quantity: str
    unit: str
    month_to_date: str
    per_hour: str
    forecast_month: str


@dataclass(frozen=True, slots=True)
class SpendView:
    """What an account spends as it happens.

    `per_hour` is what running as now adds per hour at the price of the next unit; `forecast_month` is what the whole
    month costs if it runs as now until it ends. `available` is what can still be spent, down to the account's floor,
    and `runway_seconds` how long that lasts at this rate: None while nothing is spent. `previous_month_to_date` is the
    month before up to as many whole hours, `per_hour_yesterday` this hour of yesterday; None where nothing is known.
    """

    account_id: str
    currency: str
    as_of: datetime
    month_start: datetime
    month_end: datetime
    month_to_date: str
    per_hour: str
    forecast_month: str
    available: str
    runway_seconds: int | None
    runs_out_at: datetime | None
    state: Literal["ok", "low", "exhausted"]
    previous_month_to_date: str | None
    per_hour_yesterday: str | None
    by_meter: list[MeterSpend]


@dataclass(frozen=True, slots=True)
class CostRow:
    """What one meter or instance cost within `[start, end)`."""

    start: datetime
    end: datetime
    key: str
    label: str
    cost: str


@dataclass(frozen=True, slots=True)
class CostsView:
    """What an account's usage cost, by interval and meter or instance; the rows add up to `total` exactly.

    Readings after `complete_until` may still be on their way.
    """

    account_id: str
    currency: str
    interval: str
    group_by: str
    timezone: str
    total: str
    rows: list[CostRow]
    complete_until: datetime | None


@dataclass(frozen=True, slots=True)
class ChargeView:
    """One revision of what an account was charged for a meter in a month.

    `quantity` and `cost` are the month's totals that it was made from; `amount` is by how much it changed what was
    charged before, negative for a refund. `transfer_id` is the ledger's, once it is posted.
    """

    id: str
    account_id: str
    month: str
    meter: str
    label: str
    revision: int
    price_book_version: int
    quantity: str
    cost: str
    amount: str
    written_at: datetime
    posted_at: datetime | None
    transfer_id: str | None


@dataclass(frozen=True, slots=True)
class ChargesView:
    """Charges, newest first; `next_cursor` asks for those before."""

    charges: list[ChargeView]
    next_cursor: int | None


@dataclass(frozen=True, slots=True)
class LineFigures:
    """One account's month of one meter, three times, and all three are equal.

    The price of what is stored as used, what was charged for it, and what the ledger took.
    """

    account_id: str
    month: str
    meter: str
    quantity: str
    price: str
    charged: str
    posted: str


@dataclass(frozen=True, slots=True)
class BillingFigures:
    """What an audit needs of billing, as of the usage cursor `cursor`.

    Lines whose usage moved while the figures were taken are left out and counted in `moving`; ask again for those.
    """

    cursor: int
    moving: int
    price: str
    charged: str
    posted: str
    lines: list[LineFigures]


@dataclass(frozen=True, slots=True)
class NeedsView:
    """From when on usage is needed by an invoice that is not issued; the start of a calendar month (UTC)."""

    usage_from: datetime


@dataclass(frozen=True, slots=True)
class CreditsRequest:
    """Of which accounts, at most a hundred."""

    accounts: list[str]


@dataclass(frozen=True, slots=True)
class CreditView:
    """What an account spends and has, less what it owes. `runway_seconds` is None while nothing is spent."""

    account_id: str
    per_hour: str
    month_to_date: str
    balance: str
    runway_seconds: int | None


@dataclass(frozen=True, slots=True)
class CreditsView:
    """The accounts that were asked for, in that order."""

    credits: list[CreditView]


@dataclass(frozen=True, slots=True)
class BillingClient:
    """Billing, as other components see it. Problems come as `runtime.problems.Problem`."""

    http: ServiceHttp

    def as_caller(self, token: str) -> "BillingClient":
        """The same client, with a user's own token."""
        return BillingClient(self.http.as_caller(token))

    async def prices(self, at: datetime | None = None) -> PriceBookView:
        """The price book that prices the month of `at`, by default of now."""
        return await self.http.get(PRICES_PATH, params={"at": _instant(at)}, as_=PriceBookView)

    async def spend(self, account_id: str) -> SpendView:
        return await self.http.get(f"{ACCOUNTS_PATH}/{account_id}/spend", as_=SpendView)

    async def costs(
        self,
        account_id: str,
        from_at: datetime,
        to_at: datetime,
        interval: Interval = "day",
        group_by: CostGrouping = "meter",
        *,
        timezone: str = "UTC",
    ) -> CostsView:
        """What `[from_at, to_at)` cost, cut at the intervals of `timezone`'s calendar."""
        params = {
            "from": _instant(from_at),
            "to": _instant(to_at),
            "interval": interval,
            "group_by": group_by,
            "timezone": timezone,
        }
        return await self.http.get(f"{ACCOUNTS_PATH}/{account_id}/costs", params=params, as_=CostsView)

    async def charges(self, account_id: str, cursor: int | None = None, limit: int | None = None) -> ChargesView:
        params = {"before": cursor, "limit": limit}
        return await self.http.get(f"{ACCOUNTS_PATH}/{account_id}/charges", params=params, as_=ChargesView)

    async def figures(self) -> BillingFigures:
        return await self.http.get(FIGURES_PATH, as_=BillingFigures)

    async def credits(self, accounts: Sequence[str]) -> list[CreditView]:
        """What each of at most a hundred accounts spends and has, in the order asked. Services only."""
        view = await self.http.post(CREDITS_PATH, CreditsRequest(list(accounts)), as_=CreditsView)
        return view.credits

    async def needed_from(self) -> datetime:
        """From when on usage is needed by an invoice that is not issued. Services only."""
        return (await self.http.get(NEEDS_PATH, as_=NeedsView)).usage_from


def _instant(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
