"""A round of readings: what collectors see becomes events and checkpoints, and both are written at once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from fogbank.compute.agent.collectors import Collector, CollectorFailed
from fogbank.compute.agent.model import Checkpoint, Counts, Instance, Owner, Reading, Tick
from fogbank.compute.agent.ownership import Ownership
from fogbank.compute.agent.rules import Measured, Unmetered, Waiting, decide, is_another_life, metrics_of, remembered
from fogbank.compute.agent.spool import Spool
from fogbank.events.usage_event import EventPeriod, UsageEvent
from fogbank.kernel.periods import instant_of

FORGET_US = 35 * 86_400 * 1_000_000
"""An instance unseen for so long is forgotten: if it comes back, its sequence begins anew."""

Owners = Callable[[Instance], Owner | None]
"""Whose an instance is; None where nobody says so."""
AS_FOUND: Owners = Ownership().of


Sight = frozenset[str] | None
"""The instances that a collector last saw; None before it could ever tell."""


class Looked(NamedTuple):
    """What is kept of a round until the next."""

    tick: Tick
    sights: list[Sight]
    not_before: dict[str, Tick]


NOTHING = frozenset[str]()


@dataclass(slots=True)
class Round:
    """What one round did: the events, the checkpoints that moved, and what there is to say about it."""

    tick: Tick
    sights: list[Sight] = field(default_factory=list)
    """Per collector, the instances that exist, or existed when it could last tell."""
    checkpoints: dict[str, Checkpoint] = field(default_factory=dict)
    disowned: set[str] = field(default_factory=set)
    not_before: dict[str, Tick] = field(default_factory=dict)
    """Those that were not there at that tick, or not known to be, and were not reported since."""
    events: list[UsageEvent] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    resets: list[str] = field(default_factory=list)
    unmetered: list[str] = field(default_factory=list)
    ownerless: list[str] = field(default_factory=list)
    """Those that nobody owns since this round."""
    set_back: int = 0
    """How many were reported already up to a time that the clock has yet to reach again."""
    coalesced: int = 0

    def seen(self) -> frozenset[str]:
        """Every instance that some collector sees, or saw when it could last tell."""
        return NOTHING.union(*(sight for sight in self.sights if sight))

    def unseen_of(self, instances: Sequence[Instance]) -> list[Instance]:
        """Those that no collector before has seen in this round: an instance is measured one way only."""
        taken = self.seen()
        return [instance for instance in instances if instance.id not in taken] if taken else list(instances)


class Metering:
    """Keeps where every instance stands, and moves it from round to round."""

    def __init__(self, node_id: str, collectors: Sequence[Collector], spool: Spool, owners: Owners = AS_FOUND) -> None:
        self._node_id = node_id
        self._collectors = collectors
        self._spool = spool
        self._owners = owners
        self._checkpoints = spool.checkpoints()
        self._ownerless: set[str] = set()
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
        self._ownerless = (self._ownerless | set(round_.ownerless)) & seen
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
            self._stand(round_, identifier, reading.counts, owner)
            return
        self._note_another_life(round_, identifier, standing, reading)
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
        known, since = self._checkpoints.get(identifier), round_.not_before.get(identifier)
        if known is None and since is not None and owner is not None:
            return Checkpoint(since, {}, owner)
        return known

    def _stand(self, round_: Round, identifier: str, counts: Counts, owner: Owner | None) -> None:
        """From the round's tick on it is `owner`'s; where nobody's, it is not metered, and that is said once."""
        round_.not_before.pop(identifier, None)
        if owner is not None:
            round_.checkpoints[identifier] = Checkpoint(round_.tick, counts, owner)
            return
        if identifier in self._checkpoints:
            round_.disowned.add(identifier)
        if identifier not in self._ownerless:
            round_.ownerless.append(identifier)

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
