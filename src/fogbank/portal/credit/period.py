"""The period of a statement: some that people mean most often, or any two days."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fogbank.portal.activity.query import read_day

DAY = timedelta(days=1)
CURSOR_CHARACTERS_MAX = 60


@dataclass(frozen=True, slots=True)
class Period:
    """From the first day to the last, both included, in a time zone."""

    first: date
    last: date

    @property
    def params(self) -> str:
        return urlencode({"from": self.first.isoformat(), "to": self.last.isoformat()})

    def start(self, timezone: ZoneInfo) -> datetime:
        return datetime.combine(self.first, time(), timezone)

    def end(self, timezone: ZoneInfo) -> datetime:
        """Excluded: the first instant of the day after."""
        return datetime.combine(self.last + DAY, time(), timezone)


def usual_periods(today: date) -> Sequence[tuple[str, Period]]:
    """The present month, the one before it, and thirty days, with what they are called."""
    this_month = today.replace(day=1)
    last_month_end = this_month - DAY
    return (
        ("This month", Period(this_month, today)),
        ("Last month", Period(last_month_end.replace(day=1), last_month_end)),
        ("Last 30 days", Period(today - 29 * DAY, today)),
    )


def read_period(params: Mapping[str, str], today: date) -> Period:
    """Whatever the address does not name, or names wrongly, is the usual: this month, to the present day."""
    first, last = read_day(params.get("from", "")), read_day(params.get("to", ""))
    usual = usual_periods(today)[0][1]
    if first is None and last is None:
        return usual
    last = last or max(today, first or today)
    first = first or last.replace(day=1)
    return Period(first, last) if first <= last else Period(last, first)
