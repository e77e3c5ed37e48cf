"""A round: one look at everything, and what came of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from fogbank.compute.agent.model import Checkpoint, Counts, Instance, Tick
from fogbank.compute.agent.moving import Counted, Source
from fogbank.events.usage_event import UsageEvent

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
    unowned: dict[str, Counts] = field(default_factory=dict)
    """What those have counted that nobody owns."""
    moved: list[str] = field(default_factory=list)
    """Counters that were another instance's."""
    counted: dict[Source, Counted] | None = None
    """For whom everything was counted last; looked up only where something is new to its instance."""
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
