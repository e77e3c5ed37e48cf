"""When a threshold fires and when it clears. Pure, and the same at the service and at the agent.

It fires once when the limit is reached, and clears once when what is measured has come back beyond the hysteresis.
After either it does not fire again before the cooling time is over, so a value that flaps rings once in that time.
What is not known changes nothing.
"""

from dataclasses import dataclass, replace

from fogbank.compute.thresholds.model import Crossing, Standing, Terms, Value
from fogbank.compute.thresholds.rules.units import BELOW, base_micros

PERCENT = 100
MICROSECONDS = 1_000_000
UNTOUCHED = Standing()


@dataclass(frozen=True, slots=True)
class Limit:
    """A threshold's limit in the measure's base micro-units: where it fires, and beyond which it clears."""

    fires_at_micros: int
    clears_beyond_micros: int
    is_below: bool
    cooling_us: int

    def is_reached(self, micros: int) -> bool:
        return micros <= self.fires_at_micros if self.is_below else micros >= self.fires_at_micros

    def is_left(self, micros: int) -> bool:
        return micros > self.clears_beyond_micros if self.is_below else micros < self.clears_beyond_micros

    def is_cooling(self, standing: Standing, now_us: int) -> bool:
        # On both sides of the change: a clock that is set back makes nothing ring at once.
        return standing.changed_us is not None and abs(now_us - standing.changed_us) < self.cooling_us


def limit_of(terms: Terms) -> Limit:
    """The limit as it is checked."""
    at = base_micros(terms)
    distance = abs(at) * terms.hysteresis_percent // PERCENT
    is_below = terms.resource_type in BELOW
    clears_beyond = at + distance if is_below else at - distance
    return Limit(at, clears_beyond, is_below, terms.cooling_seconds * MICROSECONDS)


def judged(limit: Limit, before: Standing, value: Value | None, now_us: int) -> tuple[Standing, Crossing | None]:
    """Where the threshold stands after a look at `value`, and what happened to it, if anything.

    A `value` that is not complete can only be higher: it may fire a limit that is reached upwards, and clears none.
    """
    if value is None:
        return before, None
    if before.is_firing:
        if value.is_complete and limit.is_left(value.micros):
            return _changed(before, now_us), Crossing.CLEARED
        return before, None
    may_fire = value.is_complete or not limit.is_below
    if may_fire and limit.is_reached(value.micros) and not limit.is_cooling(before, now_us):
        return _changed(before, now_us), Crossing.FIRED
    return before, None


def _changed(before: Standing, now_us: int) -> Standing:
    return replace(before, is_firing=not before.is_firing, changed_us=now_us, crossings=before.crossings + 1)
