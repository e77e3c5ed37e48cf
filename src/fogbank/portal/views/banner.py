"""The banner above everything: when the balance runs out soon, or has run out, and only then."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from fogbank.accounts.ledger.client import BalanceView
from fogbank.billing.client import SpendView
from fogbank.kernel.money import micros_from_credits
from fogbank.portal.formats import Formats
from fogbank.portal.model import WARN_DAYS
from fogbank.portal.rules.runway import Urgency, urgency
from fogbank.portal.views.missing import Missing

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Banner:
    """`is_bad` when it is too late, or nearly."""

    headline: str
    detail: str
    is_bad: bool


def banner_of(balance: BalanceView | Missing, spend: SpendView | Missing, formats: Formats) -> Banner | None:
    """What has to be said about the balance, or `None`."""
    if isinstance(balance, BalanceView) and (arrears := micros_from_credits(balance.arrears)):
        owed = f"{formats.money(arrears)} of usage since then is owed."
        return Banner("Your balance is used up.", owed, is_bad=True)
    if isinstance(spend, Missing) or spend.runs_out_at is None or spend.runway_seconds is None:
        return None
    if spend.state == "exhausted":
        return Banner("Your balance is used up.", "What runs now is no longer covered.", is_bad=True)
    how_near = urgency(spend.runway_seconds, WARN_DAYS)
    if how_near is Urgency.CALM:
        return None
    rate = formats.money(micros_from_credits(spend.per_hour))
    return Banner(
        f"Your balance runs out {_when(spend.runs_out_at, spend.as_of, formats)}.",
        f"That is at the present rate of {rate} an hour.",
        is_bad=how_near is Urgency.NOW,
    )


def _when(end: datetime, now: datetime, formats: Formats) -> str:
    """The time of day matters when it is near; later the day does."""
    days = (formats.local(end).date() - formats.local(now).date()).days
    if days <= 1:
        return f"{'today' if days == 0 else 'tomorrow'} at {formats.time(end)}"
    return f"on {formats.skeleton('EEEEMMMMd', end)}"
