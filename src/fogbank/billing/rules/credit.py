"""Credit: when a payer is told that it runs low, is used up, or is well again. Each crossing is told once."""

from datetime import datetime, timedelta

from fogbank.billing.model import CreditState
from fogbank.events.signals import SignalType

LOW_RUNWAY_SECONDS = 3 * 86_400
RESTORED_RUNWAY_SECONDS = 4 * 86_400
"""Well again needs more than low allows, so that a rate that wavers does not ring twice a minute."""

CHECK_EVERY_MIN = timedelta(seconds=30)
CHECK_EVERY_MAX = timedelta(minutes=10)
CHECK_SHARE = 4
"""A payer that is well is looked at again after a fourth of the time that it would take to become low."""


def credit_state(
    before: CreditState, *, available_micros: int, arrears_micros: int, runway_seconds: int | None
) -> CreditState:
    """Where the credit stands now. `runway_seconds` is None while nothing is spent.

    Somebody who has nothing and spends nothing is well, unless that is because they were stopped.
    """
    if available_micros <= 0:
        is_in_need = before is not CreditState.OK or arrears_micros != 0 or runway_seconds is not None
        return CreditState.EXHAUSTED if is_in_need else CreditState.OK
    enough_seconds = LOW_RUNWAY_SECONDS if before is CreditState.OK else RESTORED_RUNWAY_SECONDS
    is_low = runway_seconds is not None and runway_seconds < enough_seconds
    return CreditState.LOW if is_low else CreditState.OK


def signal_for(before: CreditState, after: CreditState) -> SignalType | None:
    """What to tell when the state changes from `before` to `after`; None when it does not."""
    if before is after:
        return None
    if after is CreditState.EXHAUSTED:
        return SignalType.BALANCE_EXHAUSTED
    is_worse = before is CreditState.OK
    return SignalType.BALANCE_LOW if is_worse else SignalType.BALANCE_RESTORED


def check_again_at(now: datetime, state: CreditState, runway_seconds: int | None) -> datetime:
    """When to look again: soon while something is wrong or about to be, and at most ten minutes later."""
    if state is not CreditState.OK:
        return now + CHECK_EVERY_MIN
    if runway_seconds is None:
        return now + CHECK_EVERY_MAX
    to_low = timedelta(seconds=(runway_seconds - LOW_RUNWAY_SECONDS) // CHECK_SHARE)
    return now + min(max(to_low, CHECK_EVERY_MIN), CHECK_EVERY_MAX)
