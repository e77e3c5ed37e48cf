"""Sums of what somebody's instances use now, kept until a reading of theirs comes or one becomes stale. Pure."""

from bisect import bisect_right
from collections import Counter as Tally
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from operator import attrgetter

from fogbank.compute.client.current import CurrentTotals
from fogbank.compute.current.picture import Latest
from fogbank.compute.current.views import rates_view
from fogbank.kernel.meters import Meter

KEPT_MAX = 1_000
BY_ID = attrgetter("instance_id")


@dataclass(frozen=True, slots=True)
class Summed:
    """Some instances by id, and their sum, which is true from `at_us` until `until_us`: then another one is stale."""

    readings: Sequence[Latest]
    totals: CurrentTotals
    at_us: int
    until_us: int

    def page(self, after: str | None, limit: int) -> tuple[Sequence[Latest], str | None]:
        """The instances after that one, at most `limit`, and after which to go on; None at the end."""
        start = 0 if after is None else bisect_right(self.readings, after, key=BY_ID)
        listed = self.readings[start : start + limit]
        is_last = start + len(listed) == len(self.readings)
        return listed, None if is_last else listed[-1].instance_id


def summed(readings: Sequence[Latest], now_us: int, interval_us: int) -> Summed:
    """The sum of `readings`, which are by id. Only fresh ones say how fast meters run now.

    `interval_us` is how often nodes are expected to report.
    """
    fresh = [reading for reading in readings if not reading.is_stale(now_us, interval_us)]
    rates_micros: Tally[Meter] = Tally(dict.fromkeys(Meter, 0))
    for reading in fresh:
        rates_micros.update(reading.rates_micros())
    totals = CurrentTotals(len(readings), len(readings) - len(fresh), rates_view(rates_micros))
    until_us = min((reading.fresh_until_us(interval_us) for reading in fresh), default=now_us)
    return Summed(readings, totals, now_us, until_us)


@dataclass(slots=True)
class Sums:
    """The sums that were asked for lately."""

    _kept: OrderedDict[Hashable, tuple[int, Summed]] = field(default_factory=OrderedDict)

    def of(
        self, key: Hashable, change: int, now_us: int, interval_us: int, look: Callable[[], Sequence[Latest]]
    ) -> Summed:
        """The sum that `key` names, of what `look` finds by id; the kept one while `change` and time let it hold."""
        kept = self._kept.get(key)
        if kept is not None and kept[0] == change and kept[1].at_us <= now_us <= kept[1].until_us:
            self._kept.move_to_end(key)
            return kept[1]
        found = summed(look(), now_us, interval_us)
        self._kept[key] = change, found
        self._kept.move_to_end(key)
        if len(self._kept) > KEPT_MAX:
            self._kept.popitem(last=False)
        return found
