"""What the address of the activity page asks for. Whatever it does not name, or names wrongly, is the usual."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fogbank.accounts.client import ActivityFilters
from fogbank.kernel.ids import is_id

CURSOR_DIGITS_MAX = 18
DAY = timedelta(days=1)
YEARS = range(2000, 9000)


@dataclass(frozen=True, slots=True)
class ActivityQuery:
    """Whose acts, of which kind, from the first day to the last, both included; and below which number."""

    person: str = ""
    kind: str = ""
    first: date | None = None
    last: date | None = None
    before: int | None = None

    @property
    def is_narrowed(self) -> bool:
        return bool(self.person or self.kind or self.first or self.last)

    @property
    def params(self) -> str:
        """The filters as the query of an address, without the place in the list."""
        days = {"from": self.first, "to": self.last}
        said = {name: day.isoformat() for name, day in days.items() if day is not None}
        return urlencode(
            {name: text for name, text in {"person": self.person, "kind": self.kind}.items() if text} | said
        )

    def filters(self, timezone: ZoneInfo) -> ActivityFilters:
        """The same, as the API takes it; days are those of the person's time zone."""
        return ActivityFilters(
            actor_id=self.person or None,
            action=self.kind or None,
            from_=None if self.first is None else _start(self.first, timezone),
            to=None if self.last is None else _start(self.last + DAY, timezone),
        )


def read_activity_query(params: Mapping[str, str], kinds: Mapping[str, str]) -> ActivityQuery:
    person, before = params.get("person", ""), params.get("before", "")
    is_cursor = before.isascii() and before.isdecimal() and len(before) <= CURSOR_DIGITS_MAX and int(before) > 0
    return ActivityQuery(
        person=person if is_id(person) else "",
        kind=params["kind"] if params.get("kind") in kinds else "",
        first=read_day(params.get("from", "")),
        last=read_day(params.get("to", "")),
        before=int(before) if is_cursor else None,
    )


def read_day(text: str) -> date | None:
    """A day as date fields send it (ISO 8601)."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.year in YEARS else None


def _start(day: date, timezone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), timezone)
