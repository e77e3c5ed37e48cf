"""What the stream tells a page that is open: texts by name, and when to fetch its parts again."""

from dataclasses import dataclass
from datetime import datetime

from fogbank.compute.client import Activity
from fogbank.portal.formats import Formats
from fogbank.portal.service import LiveFacts
from fogbank.portal.views.figures import balance_figure, forecast_figure, live_texts, month_figure, rate_figure
from fogbank.portal.views.missing import Missing

SECONDS_PER_MINUTE = 60
TENTHS_BELOW = 10


@dataclass(frozen=True, slots=True)
class Costs:
    """What the parts of the page depend on: when it differs from before, they are to be fetched again."""

    month_to_date: str
    reporting: int


def texts_of(facts: LiveFacts, formats: Formats) -> dict[str, str]:
    """The texts of all places that change while one looks."""
    figures = [
        balance_figure(facts.balance, facts.spend, formats),
        month_figure(facts.spend, formats),
        forecast_figure(facts.spend, formats),
        rate_figure(facts.spend, formats),
    ]
    return live_texts(figures) | {"events": events_text(facts.activity, formats)}


def costs_state(facts: LiveFacts) -> Costs | None:
    """What to compare with the next time; `None` while somebody does not answer, which is no change."""
    if isinstance(facts.spend, Missing) or isinstance(facts.current, Missing):
        return None
    return Costs(facts.spend.month_to_date, facts.current.totals.instances)


def events_text(activity: Activity | Missing, formats: Formats) -> str:
    """How many readings come in. Slow ones are told by the minute."""
    if isinstance(activity, Missing):
        return ""
    per_second = activity.events_per_second
    if per_second >= 1:
        return f"{formats.number(per_second, 1 if per_second < TENTHS_BELOW else 0)} events/s"
    per_minute = round(per_second * SECONDS_PER_MINUTE)
    return "1 event/min" if per_minute == 1 else f"{formats.number(per_minute)} events/min"


def spoken(texts: dict[str, str], at: datetime, formats: Formats) -> str:
    """The figures as one sentence for those who listen, now and then."""
    balance, rate = texts.get("balance"), texts.get("rate")
    if balance is None or rate is None:
        return ""
    return f"At {formats.time(at)}: balance {balance}, burn rate {rate} an hour."
