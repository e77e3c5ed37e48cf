"""What the components answer, for presenters: one account in the middle of November, with overrides."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from babel import Locale

from fogbank.accounts.ledger.client import BalanceView
from fogbank.billing.client import SpendView
from fogbank.portal.formats import Formats

NOW = datetime(2026, 11, 23, 9, 12, tzinfo=UTC)

SPEND: dict[str, Any] = {
    "account_id": "org_acme",
    "currency": "EUR",
    "as_of": NOW,
    "month_start": datetime(2026, 11, 1, tzinfo=UTC),
    "month_end": datetime(2026, 12, 1, tzinfo=UTC),
    "month_to_date": "2841.37",
    "per_hour": "5.12",
    "forecast_month": "3706.40",
    "available": "1204.60",
    "runway_seconds": 846_720,
    "runs_out_at": datetime(2026, 12, 3, 4, 24, tzinfo=UTC),
    "state": "ok",
    "previous_month_to_date": "2527.91",
    "per_hour_yesterday": "5.28",
    "by_meter": [],
}

BALANCE: dict[str, Any] = {
    "account_id": "org_acme",
    "currency": "EUR",
    "balance": "1204.60",
    "available": "1204.60",
    "held": "0.00",
    "floor": "0.00",
    "arrears": "0.00",
    "grants": [],
}


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def formats() -> Formats:
    return Formats(Locale("en", "GB"), ZoneInfo("UTC"), "EUR")


@pytest.fixture
def spend() -> Callable[..., SpendView]:
    return lambda **changes: SpendView(**SPEND | changes)


@pytest.fixture
def balance() -> Callable[..., BalanceView]:
    return lambda **changes: BalanceView(**BALANCE | changes)
