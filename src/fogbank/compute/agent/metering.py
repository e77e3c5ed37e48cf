"""A round of readings: what collectors see becomes events and checkpoints, and both are written at once."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from fogbank.compute.agent.collectors import Collector, CollectorFailed
from fogbank.compute.agent.model import Checkpoint, Instance, Reading, Tick
from fogbank.compute.agent.rules import Measured, Unmetered, Waiting, decide, metrics_of, remembered
from fogbank.compute.agent.spool import Spool
from fogbank.events.usage_event import EventPeriod, UsageEvent, encode_event
from fogbank.kernel.periods import instant_of

FORGET_US = 35 * 86_400 * 1_000_000
"""An instance unseen for so long is forgotten: if it comes back, its sequence begins anew."""


@dataclass(slots=True)
class Round:
    """What one round did: the events, the checkpoints that moved, and what there is to say about it."""

    tick: Tick
    seen: list[frozenset[str] | None] = field(default_factory=list)
    """Per collector, the instances that existed; None before it could ever tell."""
    checkpoints: dict[str, Checkpoint] = field(default_factory=dict)
    events: list[bytes] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    resets: list[str] = field(default_factory=list)
    unmetered: list[str] = field(default_factory=list)
    waiting: int = 0

    def unseen_of(self, instances: Sequence[Instance]) -> list[Instance]:
        """Those that no collector before has seen in this round: an instance is measured one way only."""
        taken = frozenset[str]().union(*(seen for seen in self.seen if seen))
        return [instance for instance in instances if instance.id not in taken]


class Metering:
    """Keeps where every instance stands, and moves it from round to round."""

    def __init__(self, node_id: str, collectors: Sequence[Collector], spool: Spool) -> None:
        self._node_id = node_id
        self._collectors = collectors
        self._spool = spool
        self._checkpoints = spool.checkpoints()
        self._last: Round | None = None

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
            before = self._last.seen[index] if self._last else None
            round_.seen.append(self._collected(round_, collector, before, reports=reports))
        forgotten = self._unseen_too_long(round_)
        if round_.checkpoints or forgotten:
            self._spool.commit_tick(round_.checkpoints, round_.events, forgotten)
        self._checkpoints.update(round_.checkpoints)
        for identifier in forgotten:
            del self._checkpoints[identifier]
        self._last = round_
        return round_

    def _collected(
        self, round_: Round, collector: Collector, before: frozenset[str] | None, *, reports: bool
    ) -> frozenset[str] | None:
        """The instances that this collector sees now; where it cannot tell, those of the last time it could."""
        try:
            instances = round_.unseen_of(collector.discover())
        except CollectorFailed as failure:
            round_.failures.append(str(failure))
            return before
        for instance in instances:
            is_born = before is not None and instance.id not in before
            try:
                reading = collector.sample(instance)
            except CollectorFailed as failure:
                round_.failures.append(str(failure))
            else:
                self._move(round_, instance, reading, is_born=is_born, reports=reports)
        return frozenset(instance.id for instance in instances)

    def _move(self, round_: Round, instance: Instance, reading: Reading, *, is_born: bool, reports: bool) -> None:
        """Bring one instance from where it stands to the round's tick, or leave it where it is."""
        checkpoint = self._standing(instance.id, is_born=is_born)
        if checkpoint is None:
            round_.checkpoints[instance.id] = Checkpoint(round_.tick, reading.counts)
            return
        decision = decide(checkpoint, reading.counts, round_.tick)
        if isinstance(decision, Waiting):
            round_.waiting += 1
        elif isinstance(decision, Unmetered):
            round_.unmetered.append(instance.id)
            counts = remembered(checkpoint.counts, reading.counts)
            round_.checkpoints[instance.id] = Checkpoint(round_.tick, counts, checkpoint.sequence)
        elif reports:
            self._report(round_, instance, reading, checkpoint, decision)

    def _standing(self, identifier: str, *, is_born: bool) -> Checkpoint | None:
        """The checkpoint of an instance. One that was born since the last round began there, from nothing."""
        known = self._checkpoints.get(identifier)
        if known is None and is_born and self._last is not None:
            return Checkpoint(self._last.tick, {})
        return known

    def _report(
        self, round_: Round, instance: Instance, reading: Reading, checkpoint: Checkpoint, measured: Measured
    ) -> None:
        sequence = checkpoint.sequence + 1
        length_us = round_.tick.end_us - measured.start_us
        event = UsageEvent(
            event_type="resource_usage",
            version="1.0",
            timestamp=_text_of(round_.tick.end_us),
            user_id=instance.user_id,
            org_id=instance.org_id,
            instance_id=instance.id,
            metrics=metrics_of(measured.growth, reading, length_us),
            period=EventPeriod(start=_text_of(measured.start_us), end=_text_of(round_.tick.end_us)),
            sequence=sequence,
            node_id=self._node_id,
        )
        round_.events.append(encode_event(event))
        round_.resets.extend(f"{instance.id} {reset}" for reset in measured.resets)
        counts = remembered(checkpoint.counts, reading.counts)
        round_.checkpoints[instance.id] = Checkpoint(round_.tick, counts, sequence)

    def _unseen_too_long(self, round_: Round) -> list[str]:
        seen = frozenset[str]().union(*(instances for instances in round_.seen if instances))
        return [
            identifier
            for identifier, checkpoint in self._checkpoints.items()
            if checkpoint.tick.end_us < round_.tick.end_us - FORGET_US and identifier not in seen
        ]


@lru_cache(maxsize=1024)
def _text_of(instant_us: int) -> str:
    """RFC 3339 in UTC. Cached: a round's instances share their instants."""
    return instant_of(instant_us).isoformat().replace("+00:00", "Z")
