"""What the portal's rules and presenters speak about."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

Interval = Literal["hour", "day", "month"]


class Grouping(StrEnum):
    """What a chart splits cost by."""

    METER = "meter"
    INSTANCE = "instance"

    @property
    def label(self) -> str:
        return {Grouping.METER: "Resource", Grouping.INSTANCE: "Instance"}[self]


class Range(StrEnum):
    """How far back a chart looks. The value is what a person picks and what stands in the address."""

    DAY = "24h"
    WEEK = "7d"
    MONTH = "30d"
    YEAR = "12m"

    @property
    def label(self) -> str:
        return {
            Range.DAY: "Last 24 hours",
            Range.WEEK: "Last 7 days",
            Range.MONTH: "Last 30 days",
            Range.YEAR: "Last 12 months",
        }[self]

    @property
    def interval(self) -> Interval:
        """The interval to ask billing for. A week is asked by hour and drawn in quarters of a day."""
        return INTERVALS[self]


INTERVALS: dict[Range, Interval] = {
    Range.DAY: "hour",
    Range.WEEK: "hour",
    Range.MONTH: "day",
    Range.YEAR: "month",
}


@dataclass(frozen=True, slots=True)
class Bucket:
    """What one bar covers: from `start_at`, included, to `end_at`, excluded; both in the person's time zone."""

    start_at: datetime
    end_at: datetime


@dataclass(frozen=True, slots=True)
class Cost:
    """What one thing cost within an interval that starts at `start_at`."""

    start_at: datetime
    key: str
    label: str
    micros: int


@dataclass(frozen=True, slots=True)
class Series:
    """What one thing cost in each bucket, in micro-credits."""

    key: str
    label: str
    values_micros: Sequence[int]

    @property
    def total_micros(self) -> int:
        return sum(self.values_micros)


WARN_DAYS = 7
"""A balance that ends within so many days is worth a warning."""
