"""Retention's own words: policies, and the floors that they raise."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from fogbank.usage.client.retention import DataClass

DEFAULT = ""
"""In place of an account: every payer that has none of its own."""

FOREVER = None

Days = int | None
"""How long something is kept; None is for ever."""


@dataclass(frozen=True, slots=True)
class Policies:
    """How many days each class is kept, by class and account; what is not named is kept as the default says."""

    days: Mapping[tuple[DataClass, str], Days] = field(default_factory=dict)

    def days_of(self, data_class: DataClass, account_id: str) -> Days:
        """For how long it is kept: by the payer's own policy, else by the default, else for ever."""
        own = (data_class, account_id)
        return self.days[own] if own in self.days else self.days.get((data_class, DEFAULT), FOREVER)

    def accounts_of(self, data_class: DataClass) -> set[str]:
        """Who has a policy of its own for the class."""
        return {account for of, account in self.days if of is data_class and account != DEFAULT}

    @property
    def drop_nothing(self) -> bool:
        return all(days is FOREVER for days in self.days.values())


@dataclass(frozen=True, slots=True)
class Needed:
    """What must stay whatever policies say: all from `from_us` on, and readings as long as the queue holds them."""

    from_us: int
    queue_days: int


@dataclass(frozen=True, slots=True)
class PayerFloors:
    """From when on one class is kept, in microseconds, 0 being from ever: of some payers, and of all others."""

    default_us: int = 0
    of_accounts: Mapping[str, int] = field(default_factory=dict)

    def of(self, account_id: str) -> int:
        return self.of_accounts.get(account_id, self.default_us)

    @property
    def highest_us(self) -> int:
        """From then on, everybody's is kept."""
        return max(self.default_us, *self.of_accounts.values(), 0)

    def capped(self, at_us: int) -> "PayerFloors":
        """The same, none above `at_us`."""
        capped = {account_id: min(floor_us, at_us) for account_id, floor_us in self.of_accounts.items()}
        return PayerFloors(min(self.default_us, at_us), capped)


NO_FLOORS = PayerFloors()


@dataclass(frozen=True, slots=True)
class Floors:
    """The floors of every class. No payer's rollups have a higher one than its readings (`rules.require_order`)."""

    readings: PayerFloors = NO_FLOORS
    windows: PayerFloors = NO_FLOORS
    hours: PayerFloors = NO_FLOORS

    def of(self, data_class: DataClass) -> PayerFloors:
        return {
            DataClass.READINGS: self.readings,
            DataClass.WINDOWS: self.windows,
            DataClass.HOURS: self.hours,
        }[data_class]

    @property
    def highest_us(self) -> int:
        return max(self.of(data_class).highest_us for data_class in DataClass)


@dataclass(slots=True)
class FloorsNow:
    """What this process goes by. Loaded when it starts, changed by retention only.

    Readings below `taken` are refused. Rollups of what lies below `settled` are final, since what they were made from
    may be gone. Settled follows taken once everything that was let in before is rolled up.
    """

    taken: Floors = field(default_factory=Floors)
    settled: Floors = field(default_factory=Floors)
