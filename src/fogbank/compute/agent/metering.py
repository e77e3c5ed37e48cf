"""A round of readings: what collectors see becomes events and checkpoints, and both are written at once."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import chain

from fogbank.compute.agent.collectors import Collector, CollectorFailed
from fogbank.compute.agent.model import Checkpoint, Counts, Instance, Owner, Reading, Tick
from fogbank.compute.agent.moving import carried_over, has_new, last_counted, taken_from_others, without
from fogbank.compute.agent.ownership import Ownership
from fogbank.compute.agent.rounds import Looked, Round, Sight
from fogbank.compute.agent.rules import Measured, Unmetered, Waiting, decide, is_another_life, metrics_of, remembered
from fogbank.compute.agent.spool import Spool
from fogbank.events.usage_event import EventPeriod, UsageEvent
from fogbank.kernel.periods import instant_of

FORGET_US = 35 * 86_400 * 1_000_000
"""An instance unseen for so long is forgotten: if it comes back, its sequence begins anew."""

Owners = Callable[[Instance], Owner | None]
"""Whose an instance is; None where nobody says so."""
AS_FOUND: Owners = Ownership().of


class Metering:
    """Keeps where every instance stands, and moves it from round to round."""

    def __init__(self, node_id: str, collectors: Sequence[Collector], spool: Spool, owners: Owners = AS_FOUND) -> None:
        self._node_id = node_id
        self._collectors = collectors
        self._spool = spool
        self._owners = owners
        self._checkpoints = spool.checkpoints()
        self._unowned: dict[str, Counts] = {}
        self._last: Looked | None = None

    def begin(self, tick: Tick) -> Round:
        """Look at everything once, before the first period ends.

        What is new to this agent starts here: what it used before is on nobody's bill. So does what was last seen too
        long ago to report. Everything else goes on from where it stood.
        """
        return self._round(tick, reports=False)

    def tick(self, tick: Tick) -> Round:
        """Report every instance up to `tick`. `SpoolFull` where it cannot be written: then nothing has moved."""
        return self._round(tick, reports=True)

    def _round(self, tick: Tick, *, reports: bool) -> Round:
        round_ = Round(tick)
        for index, collector in enumerate(self._collectors):
            before = self._last.sights[index] if self._last else None
            round_.sights.append(self._collected(round_, collector, before, reports=reports))
        seen = round_.seen()
        checkpoints = self._moved(round_, seen)
        if checkpoints is not None:
            round_.coalesced = self._spool.commit_tick(checkpoints, round_.events)
            self._checkpoints = checkpoints
        unowned = self._unowned | round_.unowned
        self._unowned = {each: unowned[each] for each in unowned if each in seen and each not in round_.checkpoints}
        self._last = Looked(tick, round_.sights, round_.not_before)
        return round_

    def _moved(self, round_: Round, seen: frozenset[str]) -> dict[str, Checkpoint] | None:
        """All checkpoints after a round; None where they are as before."""
        gone = round_.disowned | self._unseen_too_long(round_.tick, seen)
        if not round_.checkpoints and not gone:
            return None
        moved = self._checkpoints | round_.checkpoints
        for identifier in gone:
            del moved[identifier]
        return moved

    def _collected(self, round_: Round, collector: Collector, before: Sight, *, reports: bool) -> Sight:
        """What this collector sees now; where it cannot tell, what it saw the last time it could."""
        try:
            instances = round_.unseen_of(collector.discover())
        except CollectorFailed as failure:
            round_.failures.append(str(failure))
            return before
        for instance in instances:
            self._note_absence(round_, instance.id, before)
            try:
                reading = collector.sample(instance)
            except CollectorFailed as failure:
                round_.failures.append(str(failure))
            else:
                self._move(round_, instance, reading, reports=reports)
        return frozenset(instance.id for instance in instances)

    def _note_absence(self, round_: Round, identifier: str, before: Sight) -> None:
        """Note, until it is reported, since when it is taken to run where it was not there when last looked for.

        Its collector may not have been able to tell for a while: what is not known is nobody's time.
        """
        if self._last is None:
            return
        if before is not None and identifier not in before:
            round_.not_before[identifier] = self._last.tick
        elif identifier in self._last.not_before:
            round_.not_before[identifier] = self._last.not_before[identifier]

    def _note_another_life(self, round_: Round, identifier: str, standing: Checkpoint, reading: Reading) -> None:
        """Note since when its life is taken to last, where it is another than the one that was metered.

        It may have begun at any moment since then. What is first seen after a boot began with that.
        """
        if not is_another_life(standing.counts, reading.counts):
            return
        boots = standing.tick.boot_id, self._last.tick.boot_id if self._last else None
        if round_.tick.boot_id in boots:
            round_.not_before.setdefault(identifier, self._last.tick if self._last else round_.tick)

    def _move(self, round_: Round, instance: Instance, reading: Reading, *, reports: bool) -> None:
        """Bring one instance from where it stands to the round's tick, or leave it where it is."""
        identifier, owner = instance.id, self._owners(instance)
        standing = self._standing(round_, identifier, owner)
        if standing is None:
            if owner is not None:
                self._look_up_new(round_, {}, reading.counts)
            self._stand(round_, identifier, reading.counts, owner)
            return
        self._note_another_life(round_, identifier, standing, reading)
        if self._look_up_new(round_, standing.counts, reading.counts):
            carried = carried_over(standing.counts, reading.counts, round_.counted or {})
            standing = Checkpoint(standing.tick, carried, standing.owner)
        decision = decide(standing, reading.counts, round_.tick, round_.not_before.get(identifier))
        if isinstance(decision, Waiting):
            round_.set_back += round_.tick.end_us < standing.tick.end_us
            return
        if isinstance(decision, Unmetered):
            round_.unmetered.append(identifier)
        elif reports:
            self._report(round_, identifier, reading, standing.owner or owner, decision)
        else:
            return
        self._stand(round_, identifier, remembered(standing.counts, reading.counts), owner)

    def _standing(self, round_: Round, identifier: str, owner: Owner | None) -> Checkpoint | None:
        """The checkpoint of an instance. One that is new since a tick began with that, from nothing."""
        known = round_.checkpoints.get(identifier) or self._checkpoints.get(identifier)
        since = round_.not_before.get(identifier)
        if known is None and since is not None and owner is not None:
            return Checkpoint(since, {}, owner)
        return known

    def _stand(self, round_: Round, identifier: str, counts: Counts, owner: Owner | None) -> None:
        """From the round's tick on it is `owner`'s; where nobody's, it is not metered, and that is said once."""
        round_.not_before.pop(identifier, None)
        if owner is not None:
            self._take_over(round_, identifier, counts)
            round_.checkpoints[identifier] = Checkpoint(round_.tick, counts, owner)
            return
        round_.unowned[identifier] = counts
        if identifier in self._checkpoints:
            round_.disowned.add(identifier)
        if identifier not in self._unowned:
            round_.ownerless.append(identifier)

    def _look_up_new(self, round_: Round, before: Counts, now: Counts) -> bool:
        """Whether an instance has now what it did not have. If so, the round knows for whom that was counted."""
        if not has_new(before, now):
            return False
        if round_.counted is None:
            checkpoints = self._checkpoints | round_.checkpoints
            unowned = self._unowned | round_.unowned
            standing = ((identifier, checkpoint.counts) for identifier, checkpoint in checkpoints.items())
            round_.counted = last_counted(chain(standing, unowned.items()))
        return True

    def _take_over(self, round_: Round, identifier: str, counts: Counts) -> None:
        """From now on, what `counts` has is counted for this instance and for no other."""
        if round_.counted is None:
            return
        for other, sources in taken_from_others(identifier, counts, round_.counted).items():
            standing = round_.checkpoints.get(other) or self._checkpoints.get(other)
            if standing is not None:
                left = without(standing.counts, sources)
                round_.checkpoints[other] = Checkpoint(standing.tick, left, standing.owner)
            round_.moved.extend(f"{identifier} {counter} {generation} of {other}" for counter, generation in sources)
        round_.counted.update(last_counted([(identifier, counts)]))

    def _report(
        self, round_: Round, identifier: str, reading: Reading, owner: Owner | None, measured: Measured
    ) -> None:
        if owner is None:
            return
        length_us = round_.tick.end_us - measured.start_us
        end = _text_of(round_.tick.end_us)
        event = UsageEvent(
            event_type="resource_usage",
            version="1.0",
            timestamp=end,
            user_id=owner.user_id,
            org_id=owner.org_id,
            instance_id=identifier,
            metrics=metrics_of(measured.growth, reading, length_us),
            period=EventPeriod(start=_text_of(measured.start_us), end=end),
            node_id=self._node_id,
        )
        round_.events.append(event)
        if measured.resets:
            round_.resets.extend(f"{identifier} {reset}" for reset in measured.resets)

    def _unseen_too_long(self, tick: Tick, seen: frozenset[str]) -> set[str]:
        return {
            identifier
            for identifier, checkpoint in self._checkpoints.items()
            if checkpoint.tick.end_us < tick.end_us - FORGET_US and identifier not in seen
        }


@lru_cache(maxsize=1024)
def _text_of(instant_us: int) -> str:
    """RFC 3339 in UTC. Cached: a round's instances share their instants."""
    return instant_of(instant_us).isoformat().replace("+00:00", "Z")
