"""Settling: from policies to floors that everything goes by, on disk before anything is dropped.

First floors are taken: readings below them are refused from then on, and those that were let in before are waited for.
Then these are rolled up. Only then are the floors settled: rollups below them are final, because what they were made
from may go. A kill in between leaves floors that are taken and not settled, which the next time settles.
"""

from dataclasses import dataclass

from fogbank.kernel.periods import instant_of
from fogbank.usage.model import Grain
from fogbank.usage.retention.errors import NotAtRest
from fogbank.usage.retention.intake import Intake
from fogbank.usage.retention.model import Floors, FloorsNow
from fogbank.usage.rolling import Rolling
from fogbank.usage.store import marks
from fogbank.usage.store import retention as store
from fogbank.usage.store.engine import Engine

AT_ONCE_US = -(2**62)
"""Hours are rolled up however lately readings came, even by the stamps of a clock that was set back since."""


@dataclass(frozen=True, slots=True)
class Settling:
    """Raises floors, one caller at a time."""

    engine: Engine
    intake: Intake
    rolling: Rolling

    @property
    def now(self) -> FloorsNow:
        """The floors that the process goes by."""
        return self.intake.now

    async def settle(self, floors: Floors) -> None:
        """Raise the floors to these and settle them; `NotAtRest` where readings below them are not rolled up."""
        now = self.now
        if floors != now.taken:
            await store.write_floors(self.engine, floors, now.settled)
        await self.intake.raise_to(floors)
        if floors != now.settled:
            await self._require_rolled_up(floors.highest_us)
            await store.write_floors(self.engine, floors, floors)
            async with self.rolling.paused():  # a pass goes by the same floors from its beginning to its end
                now.settled = floors

    async def _require_rolled_up(self, before_us: int) -> None:
        """Roll up what was let in so far. Later marks are of readings above their payers' floors."""
        last = await marks.last_mark(self.engine)
        await self.rolling.roll_up(quiet_us=AT_ONCE_US)
        dirty = [mark for grain in Grain for mark in await marks.dirty(self.engine, grain)]
        waiting = [mark for mark in dirty if mark.start_us < before_us and mark.marked <= last]
        if waiting:
            raise NotAtRest(instant_of(before_us), len(waiting))
