"""How numbers, money and times look to one person: their locale, their time zone, the installation's currency.

The pages are in English, so dates keep English words, in the order of the person's own English or else of British;
numbers and money follow the person's locale whatever its language.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cached_property
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_skeleton, format_time
from babel.numbers import format_decimal, format_percent, get_currency_precision

from fogbank.kernel.money import MICROS_PER_CREDIT
from fogbank.portal.money_format import MoneyFormat, money_format
from fogbank.portal.rules.decimals import decimals_for

ENGLISH = Locale("en", "GB")
THIN_SPACE = "\u202f"


@dataclass(frozen=True, slots=True)
class LiveMoney:
    """An amount in three parts: up to the currency's own decimals, further decimals, and what stands after digits."""

    text: str
    fine: str
    after: str


@dataclass(frozen=True)
class Formats:
    """Everything a page needs to write values for one person."""

    locale: Locale
    timezone: ZoneInfo
    currency: str

    @cached_property
    def words(self) -> Locale:
        """The locale of dates, which stand among English words."""
        return self.locale if self.locale.language == "en" and self.locale.territory else ENGLISH

    @cached_property
    def minor_digits(self) -> int:
        """How many decimals the currency is written with."""
        return get_currency_precision(self.currency)

    @cached_property
    def _money(self) -> MoneyFormat:
        return money_format(self.locale, self.currency)

    def money(self, micros: int, decimals: int | None = None) -> str:
        """An amount with its currency. Amounts below one get as many decimals as they need to say something."""
        if decimals is None:
            decimals = decimals_for(micros, self.minor_digits)
        return self._money.write(micros, decimals)

    def live_money(self, micros: int, decimals: int) -> "LiveMoney":
        """An amount that moves: the decimals beyond the currency's own apart, to be set smaller."""
        prefix, digits, suffix = self._money.parts(micros, decimals)
        extra = decimals - self.minor_digits
        return LiveMoney(prefix + digits[: len(digits) - extra], digits[len(digits) - extra :], suffix)

    def whole_money(self, micros: int) -> str:
        """An amount without decimals, where it is an estimate anyway; small ones as `money`."""
        return self.money(micros, 0 if abs(micros) >= 100 * MICROS_PER_CREDIT else None)

    def percent(self, ratio: float) -> str:
        """A share or a change: `12.4%` below a hundred percent, whole percents above."""
        decimals = 3 if abs(ratio) < 1 else 2
        return format_percent(round(abs(ratio), decimals), locale=self.locale, decimal_quantization=False)

    def number(self, value: float | Decimal, decimals: int = 0) -> str:
        return format_decimal(value, f"#,##0.{'0' * decimals}" if decimals else "#,##0", self.locale)

    def decimal(self, value: Decimal) -> str:
        """As many of at most six decimals as it has."""
        return format_decimal(value, "#,##0.######", self.locale)

    def multiple(self, value: float) -> str:
        """How many times: `3` or `3.5`."""
        return format_decimal(round(value, 1), "#,##0.#", self.locale)

    def local(self, instant: datetime) -> datetime:
        return instant.astimezone(self.timezone)

    def time(self, instant: datetime) -> str:
        """`14:05`, or `2:05 PM` where people write it so."""
        return format_time(self.local(instant), "short", locale=self.words).replace(THIN_SPACE, "\u00a0")

    def skeleton(self, fields: str, day: datetime | date) -> str:
        """A date by its CLDR skeleton, such as `MMMd`. Instants are taken as the person's local time."""
        local = self.local(day) if isinstance(day, datetime) else day
        return format_skeleton(fields, local, locale=self.words)

    def day(self, instant: datetime) -> str:
        """`3 December`."""
        return self.skeleton("MMMMd", instant)

    def month(self, instant: datetime) -> str:
        """`November`."""
        return format_date(self.local(instant), "LLLL", locale=self.words)

    def days(self, first: datetime, last: datetime) -> str:
        """`from 11 to 13 November`, or with both months where they differ."""
        end = self.day(last)
        is_same_month = self.local(first).month == self.local(last).month
        start = str(self.local(first).day) if is_same_month and end[0].isdigit() else self.day(first)
        return f"from {start} to {end}"

    def day_utc(self, instant: datetime) -> str:
        """The same for what follows the calendar of UTC, as billing's months do."""
        return self.skeleton_utc("MMMMd", instant)

    def skeleton_utc(self, fields: str, instant: datetime) -> str:
        return format_skeleton(fields, instant.astimezone(UTC).date(), locale=self.words)

    def span_utc(self, first: datetime, last: datetime) -> str:
        """`1–23 Oct`, or `1 Oct` for one day; both in the same month of UTC."""
        end = self.skeleton_utc("MMMd", last)
        is_day_first = end[0].isdigit()
        if first.date() == last.date():
            return end
        return f"{first.day}–{end}" if is_day_first else f"{end.rsplit(' ', 1)[0]} {first.day}–{last.day}"
