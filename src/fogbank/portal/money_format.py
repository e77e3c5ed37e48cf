"""Writes money in a locale, exactly and fast: from integers, by what CLDR says about the locale.

A page writes some hundred amounts; the general formatter would take a third of the page's time for them. A test holds
this one against it.
"""

from dataclasses import dataclass
from functools import lru_cache

from babel import Locale
from babel.numbers import get_currency_symbol, parse_pattern

from fogbank.kernel.money import MICROS_PER_CREDIT

MICROS_DIGITS = 6
SIGN = "\u00a4"
NO_BREAK_SPACE = "\u00a0"


@dataclass(frozen=True, slots=True)
class MoneyFormat:
    """Affixes for positive and for negative amounts, and how digits are grouped."""

    positive: tuple[str, str]
    negative: tuple[str, str]
    decimal: str
    group: str
    group_sizes: tuple[int, int]

    def write(self, micros: int, decimals: int) -> str:
        """`micros` with `decimals` decimals, at most six, ties to even. What rounds to zero has no sign."""
        return "".join(self.parts(micros, decimals))

    def parts(self, micros: int, decimals: int) -> tuple[str, str, str]:
        """The same in three: what stands before the digits, the digits, and what stands after them."""
        rounded = _rounded(abs(micros), decimals)
        whole, fraction = divmod(rounded, 10**decimals)
        digits = self._grouped(str(whole)) + (f"{self.decimal}{fraction:0{decimals}d}" if decimals else "")
        prefix, suffix = self.negative if micros < 0 and rounded else self.positive
        return prefix, digits, suffix

    def _grouped(self, digits: str) -> str:
        """Groups from the right: the last of the first size, all before of the second (India has 3 and 2)."""
        last, before = self.group_sizes
        groups = [digits[-last:]]
        digits = digits[:-last]
        while digits:
            groups.append(digits[-before:])
            digits = digits[:-before]
        return self.group.join(reversed(groups))


@lru_cache(maxsize=256)
def money_format(locale: Locale, currency: str) -> MoneyFormat:
    """How `locale` writes amounts of `currency`, in Latin digits."""
    pattern = parse_pattern(locale.currency_formats["standard"])
    symbols = locale.number_symbols["latn"]
    symbol = get_currency_symbol(currency, locale)
    minus = symbols["minusSign"]
    return MoneyFormat(
        positive=(_prefix(pattern.prefix[0], symbol, minus), _suffix(pattern.suffix[0], symbol, minus)),
        negative=(_prefix(pattern.prefix[1], symbol, minus), _suffix(pattern.suffix[1], symbol, minus)),
        decimal=symbols["decimal"],
        group=symbols["group"],
        group_sizes=pattern.grouping,
    )


def _prefix(affix: str, symbol: str, minus: str) -> str:
    """What stands before the digits. A symbol of letters keeps a space to them, as CLDR's currency spacing wants."""
    space = NO_BREAK_SPACE if affix.endswith(SIGN) and symbol[-1].isalpha() else ""
    return _filled(affix, symbol, minus) + space


def _suffix(affix: str, symbol: str, minus: str) -> str:
    """What stands after the digits, with the same space."""
    space = NO_BREAK_SPACE if affix.startswith(SIGN) and symbol[0].isalpha() else ""
    return space + _filled(affix, symbol, minus)


def _filled(affix: str, symbol: str, minus: str) -> str:
    return affix.replace("-", minus).replace(SIGN, symbol)


def _rounded(micros: int, decimals: int) -> int:
    """`micros` in units of the last decimal, ties to even."""
    unit = int(MICROS_PER_CREDIT // 10**decimals)
    quotient, remainder = divmod(micros, unit)
    is_up = 2 * remainder > unit or (2 * remainder == unit and quotient % 2 == 1)
    return quotient + 1 if is_up else quotient
