"""The thresholds that nodes act upon: kept beside what is checked here, and told to each node with its placements."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from fogbank.compute.thresholds.index import Index, index_of
from fogbank.compute.thresholds.model import Threshold
from fogbank.compute.thresholds.rules.units import MONEY
from fogbank.compute.thresholds.told import CARRIED, configured_threshold
from fogbank.events.node_configuration import ConfiguredThreshold, PlacedInstance
from fogbank.kernel.ids import payer_of


def nobody() -> None:
    """Whom it concerns when nobody is told."""


@dataclass(slots=True)
class Acting:
    """Those thresholds as of the last look at the database. `on_change` is called when they are others than before."""

    on_change: Callable[[], None] = nobody
    _known: list[Threshold] | None = None
    _index: Index = field(default_factory=Index)
    _loaded: asyncio.Event = field(default_factory=asyncio.Event)

    def load(self, thresholds: Iterable[Threshold]) -> None:
        """Take the thresholds that are set now."""
        known = [each for each in thresholds if is_carried(each)]
        if known == self._known:
            return
        is_news = self._known is not None
        self._known, self._index = known, index_of(known)
        self._loaded.set()
        if is_news:
            self.on_change()

    async def of_node(self, _node_id: str, placed: Sequence[PlacedInstance]) -> list[ConfiguredThreshold]:
        """What a node with these instances is told, by id; waits until it is known what is set."""
        await self._loaded.wait()
        return told_to_node(self._index, placed)


def is_carried(threshold: Threshold) -> bool:
    """Whether a node acts upon it, where it concerns an instance of that node."""
    return threshold.terms.action in CARRIED and threshold.terms.resource_type not in MONEY


def told_to_node(index: Index, placed: Iterable[PlacedInstance]) -> list[ConfiguredThreshold]:
    """Those of the thresholds that mean each of these instances by itself: a node knows of no others."""
    found: dict[str, Threshold] = {}
    for instance in placed:
        payer = payer_of(instance.user_id, instance.org_id)
        for watched in (
            *index.each_of_all,
            *index.each_of_user.get(instance.user_id, ()),
            *(index.each_of_organization.get(instance.org_id, ()) if instance.org_id else ()),
            *(
                each
                for each in index.of_instance.get(instance.instance_id, ())
                if each.threshold.account_id in ("", payer)
            ),
        ):
            found[watched.threshold.id] = watched.threshold
    return [configured_threshold(found[threshold_id]) for threshold_id in sorted(found)]
