"""The clock of tests."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


@dataclass
class MovingClock:
    """A clock that stands until it is moved."""

    now: datetime = datetime(2026, 11, 25, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, span: timedelta = timedelta(), **units: float) -> None:
        """By a span, or by so many `minutes`, `hours` and so on."""
        self.now += span + timedelta(**units)
