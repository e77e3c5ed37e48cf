"""Tells each node what is on it and which thresholds concern it: one message on the queue, replaced when it changes."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

import structlog

from fogbank.compute.nodes.model import Node, Placement
from fogbank.compute.nodes.store import changes, configurations, nodes, placements
from fogbank.events.node_configuration import (
    ConfiguredThreshold,
    NodeConfiguration,
    PlacedInstance,
    encode_configuration,
)
from fogbank.queue.client import QueueClient, QueueUnavailable
from fogbank.runtime.database import Database
from fogbank.runtime.waiting import until_set

LOOK_SECONDS = 5
"""How soon what another process changed is told; what this one changed is at once."""
NODES_PER_PAGE = 200

ThresholdsOf = Callable[[str, Sequence[PlacedInstance]], Awaitable[list[ConfiguredThreshold]]]
"""The thresholds that concern a node and what is placed on it."""

_log = structlog.get_logger(__name__)


async def no_thresholds(_node_id: str, _placed: Sequence[PlacedInstance]) -> list[ConfiguredThreshold]:
    """Where nobody configures any."""
    return []


@dataclass(slots=True)
class Configuring:
    """Follows the changes of nodes, and publishes what they are to be told."""

    database: Database
    queue: QueueClient
    thresholds_of: ThresholdsOf = no_thresholds
    _cursor: int = 0
    _is_first: bool = True
    _seen_on: set[str] = field(default_factory=set)
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    def node_changed(self) -> None:
        """Something about a node changed: look at once."""
        self._news.set()

    def all_changed(self) -> None:
        """Something changed that may concern any node, such as a threshold: look at all of them."""
        self._cursor = 0
        self._news.set()

    def instances_seen(self, node_ids: Collection[str]) -> None:
        """Instances that nobody placed are on these nodes now, and thresholds may concern them."""
        self._seen_on.update(node_ids)
        self._news.set()

    async def publish_for_ever(self) -> None:
        """Publish what changes until cancelled; after a start, what the queue has lost as well."""
        while True:
            self._news.clear()
            try:
                await self.publish_changed()
            except QueueUnavailable as error:
                self._cursor, self._is_first = 0, True
                _log.warning("nodes_not_configured", reason=str(error))
            await until_set(self._news, LOOK_SECONDS)

    async def publish_changed(self) -> int:
        """Publish to every node of which something changed since the last time; to how many."""
        published = 0
        while page := await self._next_page():
            # Before they are published: `all_changed` may begin anew meanwhile.
            self._cursor = page[-1].change
            for node in page:
                published += await self._publish(node)
        self._is_first = False
        return published + await self._publish_seen()

    async def _publish_seen(self) -> int:
        published, self._seen_on, seen_on = 0, set(), self._seen_on
        for node_id in sorted(seen_on):
            async with self.database.connection() as connection:
                node = await nodes.node(connection, node_id)
            if node is not None:
                published += await self._publish(node)
        return published

    async def _next_page(self) -> list[Node]:
        async with self.database.transaction() as tx:
            await changes.as_reader(tx)
            return await nodes.nodes_changed(tx, self._cursor, NODES_PER_PAGE)

    async def _publish(self, node: Node) -> bool:
        if node.revoked_at is not None:
            return False
        async with self.database.transaction() as tx:
            there = await placements.open_on(tx, node.id)
            # Whose the others are, the node knows itself; thresholds concern them all the same.
            placed = [_placed(each) for each in there if not each.is_self_placed]
            thresholds = await self.thresholds_of(node.id, [_placed(each) for each in there])
            said = NodeConfiguration(revision=0, placements=placed, thresholds=thresholds)
            revision = await configurations.put_changed(tx, node.id, sha256(encode_configuration(said)).digest())
            if revision is None:
                if not self._is_first:
                    return False
                revision = await configurations.revision(tx, node.id)
                kept = await self.queue.configuration_of(node.id)
                if kept is not None and kept.revision == revision:
                    return False
            # Before the commit: what is told twice does no harm, what is noted as told and was not would stay untold.
            await self.queue.configure(
                node.id, NodeConfiguration(revision=revision, placements=placed, thresholds=thresholds)
            )
        return True


def _placed(placement: Placement) -> PlacedInstance:
    return PlacedInstance(
        instance_id=placement.instance_id, user_id=placement.user_id, org_id=placement.org_id, tier=placement.tier
    )
