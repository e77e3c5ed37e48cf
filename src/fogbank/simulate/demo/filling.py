"""Filling: 30 days of the story through the real pipeline, and on from there as time goes by."""

from collections.abc import Sequence
from dataclasses import dataclass

from fogbank.kernel.periods import microseconds_of
from fogbank.runtime.clock import Clock
from fogbank.simulate.demo.story import DAYS, PERIOD_SECONDS
from fogbank.simulate.encode import Numbering
from fogbank.simulate.fleet import Population
from fogbank.simulate.model import SimulatedInstance
from fogbank.simulate.player import Played, Player, as_fast_as_it_goes, real_time
from fogbank.simulate.schedule import Schedule

SEED = 7
LIVE_PERIOD_SECONDS = 30
LIVE_PERIODS = 10 * 365 * 86_400 // LIVE_PERIOD_SECONDS
"""Ten years: until the demo is stopped."""


@dataclass(frozen=True, slots=True)
class Telling:
    """The story, placed in time: the past 30 days in coarse periods, then the present in fine ones."""

    past: Schedule

    @classmethod
    def until_now(cls, clock: Clock) -> "Telling":
        periods = DAYS * 86_400 // PERIOD_SECONDS
        return cls(Schedule.ending_by(microseconds_of(clock()), PERIOD_SECONDS, periods))

    @property
    def begins_us(self) -> int:
        return self.past.starts_us

    @property
    def present(self) -> Schedule:
        return Schedule(self.past.ends_us, LIVE_PERIOD_SECONDS, LIVE_PERIODS)

    def population(self, instances: Sequence[SimulatedInstance]) -> Population:
        return Population(instances, SEED, numbering_over(self.past))


def numbering_over(past: Schedule) -> Numbering:
    """Sequences that stay contiguous where the periods' length changes, at the end of `past`."""

    def sequence(period_start_us: int, period_seconds: int) -> int:
        if period_start_us < past.ends_us:
            return (period_start_us - past.starts_us) // (past.period_seconds * 1_000_000)
        return past.periods + (period_start_us - past.ends_us) // (period_seconds * 1_000_000)

    return sequence


async def tell_past(player: Player, telling: Telling, population: Population) -> Played:
    """Send the 30 days, as fast as the queue takes them."""
    return await player.play(population, telling.past, as_fast_as_it_goes)


async def tell_present(player: Player, telling: Telling, population: Population, clock: Clock) -> None:
    """Send what happens from now on, as it happens, until cancelled."""
    await player.play(population, telling.present, real_time(clock))


def events_in_past(telling: Telling, instances: Sequence[SimulatedInstance]) -> int:
    """How many readings the 30 days hold: one a period, from each instance that is there when it begins."""
    return sum(_periods_present(telling.past, one) for one in instances)


def _periods_present(past: Schedule, one: SimulatedInstance) -> int:
    return max(min(_periods_before(past, one.ends_us), past.periods) - max(_periods_before(past, one.starts_us), 0), 0)


def _periods_before(past: Schedule, instant_us: int) -> int:
    """How many periods begin before `instant_us`."""
    return -((past.starts_us - instant_us) // (past.period_seconds * 1_000_000))
