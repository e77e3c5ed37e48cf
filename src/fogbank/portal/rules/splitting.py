"""Which series a chart shows by name, which it adds up as others, and which colour each has."""

from collections.abc import Sequence
from dataclasses import dataclass

from fogbank.kernel.meters import Meter
from fogbank.portal.model import Grouping, Series

NAMED_MAX = 6
OTHERS_KEY = "(others)"
OTHERS_TINT = 7

METER_TINTS = {meter.value: tint for tint, meter in enumerate(Meter)}
"""A resource has the same colour on every chart."""


@dataclass(frozen=True, slots=True)
class Tinted:
    """A series and its colour's number."""

    series: Series
    tint: int


def split(series: Sequence[Series], grouping: Grouping) -> list[Tinted]:
    """The series to draw, the first at the bottom; `series` has the largest first. What costs nothing is left out."""
    costly = [each for each in series if any(each.values_micros)]
    if grouping is Grouping.METER:
        in_order = sorted(costly, key=lambda each: METER_TINTS.get(each.key, OTHERS_TINT))
        return [Tinted(each, METER_TINTS.get(each.key, OTHERS_TINT)) for each in in_order]
    fits = len(costly) <= NAMED_MAX
    named = costly if fits else costly[: NAMED_MAX - 1]
    tinted = [Tinted(each, tint) for tint, each in enumerate(named)]
    return tinted if fits else [*tinted, Tinted(_others(costly[len(named) :]), OTHERS_TINT)]


def _others(series: Sequence[Series]) -> Series:
    values = [sum(column) for column in zip(*(each.values_micros for each in series), strict=True)]
    return Series(OTHERS_KEY, f"{len(series)} others", values)
