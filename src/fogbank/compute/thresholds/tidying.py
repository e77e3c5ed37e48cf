"""What is over: instances that are gone, or another's, do not fire for ever; what was told long ago is forgotten."""

from dataclasses import dataclass, replace
from datetime import timedelta

from fogbank.compute.thresholds.checking import CROSSINGS_PER_TRANSACTION, Checker
from fogbank.compute.thresholds.judging import watches
from fogbank.compute.thresholds.model import Firing
from fogbank.compute.thresholds.store import standing, telling
from fogbank.compute.thresholds.store.standing import Crossed
from fogbank.kernel.periods import microseconds_of

TIDY_EVERY = timedelta(hours=1)
GONE_AFTER = timedelta(days=1)
"""Since when an instance is in no picture any more; the picture itself keeps it for a silent day."""
KEPT = timedelta(days=7)
"""How long what is sent, or stands as it always did, is kept; as long as the queue keeps signals."""


@dataclass(frozen=True, slots=True)
class Tidier:
    """Tidies what a checker leaves behind."""

    checker: Checker

    async def tidy(self) -> None:
        """Note who is there, clear what fires for those who are not, and forget what is old."""
        now = self.checker.clock()
        picture = self.checker.current.picture
        if len(picture) == 0:
            # Nothing is known of anybody: that is no news about each of them.
            return
        firing = [key for key, stands in self.checker.standings.items() if stands.is_firing]
        present = [key for key in firing if self._is_watched(*key)]
        async with self.checker.database.transaction() as tx:
            await standing.see(tx, present, now, now - TIDY_EVERY)
            gone = await standing.unseen(tx, now - GONE_AFTER, CROSSINGS_PER_TRANSACTION)
        now_us = microseconds_of(now)
        await self.checker.write([self._ended(each, now_us) for each in gone if self._is_known(each)], now_us)
        async with self.checker.database.transaction() as tx:
            await standing.forget(tx, now - KEPT)
            await telling.forget_sent(tx, now - KEPT)

    def _is_watched(self, threshold_id: str, instance_id: str) -> bool:
        """Whether the threshold still watches an instance: it is there, and of the same owner as ever."""
        threshold = self.checker.index.thresholds.get(threshold_id)
        reading = self.checker.current.picture.instance(instance_id)
        return threshold is not None and reading is not None and watches(threshold, reading)

    def _is_known(self, firing: Firing) -> bool:
        return (firing.threshold_id, firing.concerned.key) in self.checker.standings

    def _ended(self, firing: Firing, now_us: int) -> Crossed:
        before = self.checker.standings[firing.threshold_id, firing.concerned.key]
        after = replace(before, is_firing=False, changed_us=now_us, crossings=before.crossings + 1)
        return Crossed(firing.threshold_id, firing.concerned, after, "")
