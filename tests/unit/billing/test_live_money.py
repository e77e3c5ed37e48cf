"""Live money: the rate is the next unit's, the forecast climbs the tiers ahead, each crossing is told once."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fogbank.billing.model import CreditState
from fogbank.billing.rules.credit import (
    CHECK_EVERY_MAX,
    CHECK_EVERY_MIN,
    LOW_RUNWAY_SECONDS,
    RESTORED_RUNWAY_SECONDS,
    check_again_at,
    credit_state,
    signal_for,
)
from fogbank.billing.rules.price_book import PriceLine
from fogbank.billing.rules.price_models import Graduated, PerUnit, Tier
from fogbank.billing.rules.rating import rate_of
from fogbank.billing.rules.spend import meter_burn, micros_per_hour, runway_seconds
from fogbank.billing.rules.units import PricedUnit
from fogbank.events.signals import SignalType
from fogbank.kernel.meters import Meter
from fogbank.kernel.quantities import Quantity

NOW = datetime(2026, 11, 25, tzinfo=UTC)
UNIT = PricedUnit("s", 1)


def line(model: PerUnit | Graduated) -> PriceLine:
    return PriceLine(Meter.CPU_SECONDS, UNIT, "", model, rate_of(model))


def test_the_rate_is_the_next_units_and_the_forecast_climbs_the_tiers_ahead() -> None:
    tiers = (Tier(Decimal(100), Decimal("0.01")), Tier(None, Decimal("0.001")))
    burn = meter_burn(line(Graduated(tiers)), Quantity(90_000_000), Fraction(1_000_000), seconds_left=20)
    assert burn.cost_micros == 900_000
    assert burn.per_hour_micros == 36_000_000
    assert burn.forecast_micros == 1_000_000 + 10_000


def test_running_nothing_forecasts_what_is_spent_already() -> None:
    burn = meter_burn(line(PerUnit(Decimal(1))), Quantity(5), Fraction(0), seconds_left=10**6)
    assert (burn.per_hour_micros, burn.forecast_micros) == (0, burn.cost_micros)


@given(st.fractions(min_value=0, max_value=10**9))
def test_a_rate_per_hour_is_off_by_at_most_half_a_micro_credit(per_second: Fraction) -> None:
    assert abs(micros_per_hour(per_second) - per_second * 3600) <= Fraction(1, 2)


@pytest.mark.parametrize(
    ("available", "per_second", "expected"),
    [(100, "10", 10), (100, "0", None), (0, "10", 0), (-5, "10", 0), (10**18, "0.001", None), (10, "3", 3)],
)
def test_runway_is_how_long_the_credit_lasts(available: int, per_second: str, expected: int | None) -> None:
    assert runway_seconds(available, Fraction(per_second)) == expected


OK, LOW, EXHAUSTED = CreditState.OK, CreditState.LOW, CreditState.EXHAUSTED


@pytest.mark.parametrize(
    ("before", "available", "arrears", "runway", "after"),
    [
        (OK, 10, 0, None, OK),
        (OK, 10, 0, LOW_RUNWAY_SECONDS, OK),
        (OK, 10, 0, LOW_RUNWAY_SECONDS - 1, LOW),
        (LOW, 10, 0, RESTORED_RUNWAY_SECONDS - 1, LOW),
        (LOW, 10, 0, RESTORED_RUNWAY_SECONDS, OK),
        (EXHAUSTED, 10, 0, RESTORED_RUNWAY_SECONDS - 1, LOW),
        (LOW, 0, 0, 0, EXHAUSTED),
        (OK, 0, 0, None, OK),
        (OK, 0, 1, None, EXHAUSTED),
        (EXHAUSTED, 0, 0, None, EXHAUSTED),
        (EXHAUSTED, 10, 0, None, OK),
    ],
)
def test_credit_is_low_by_runway_and_exhausted_when_there_is_none(
    before: CreditState, available: int, arrears: int, runway: int | None, after: CreditState
) -> None:
    assert credit_state(before, available_micros=available, arrears_micros=arrears, runway_seconds=runway) is after


@pytest.mark.parametrize(
    ("before", "after", "signal"),
    [
        (OK, OK, None),
        (LOW, LOW, None),
        (OK, LOW, SignalType.BALANCE_LOW),
        (OK, EXHAUSTED, SignalType.BALANCE_EXHAUSTED),
        (LOW, EXHAUSTED, SignalType.BALANCE_EXHAUSTED),
        (LOW, OK, SignalType.BALANCE_RESTORED),
        (EXHAUSTED, OK, SignalType.BALANCE_RESTORED),
        (EXHAUSTED, LOW, SignalType.BALANCE_RESTORED),
    ],
)
def test_a_crossing_says_which_way_it_went(before: CreditState, after: CreditState, signal: SignalType | None) -> None:
    assert signal_for(before, after) is signal


@given(st.sampled_from(CreditState), st.none() | st.integers(0, 10**9))
def test_credit_is_looked_at_again_within_minutes(state: CreditState, runway: int | None) -> None:
    wait = check_again_at(NOW, state, runway) - NOW
    assert CHECK_EVERY_MIN <= wait <= CHECK_EVERY_MAX
    assert wait == CHECK_EVERY_MIN or state is OK
    assert (
        runway is None
        or state is not OK
        or NOW + wait <= NOW + max(CHECK_EVERY_MIN, timedelta(seconds=max(runway - LOW_RUNWAY_SECONDS, 0)))
    )
