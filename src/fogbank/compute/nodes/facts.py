"""What is known of nodes, for those who judge what nodes say: complete as of an instant, and never missing anything."""

from collections import defaultdict
from dataclasses import dataclass
from typing import TypeVar

from fogbank.compute.client.nodes import NodeChangesView, NodeFactsView, NodeKeyView, PlacementFactsView
from fogbank.compute.nodes.model import Node, NodeKey, Placement
from fogbank.compute.nodes.rules import KEPT
from fogbank.compute.nodes.store import changes, nodes, placements
from fogbank.runtime.database import Database

T = TypeVar("T", NodeKey, Placement)


@dataclass(frozen=True, slots=True)
class NodeFactsOf:
    """Tells who follows of which nodes something changed."""

    database: Database

    async def changes(self, changed_since: int, limit: int) -> NodeChangesView:
        """The nodes whose last change is after that number, with all that bears on what they say."""
        async with self.database.transaction() as tx:
            as_of = await changes.as_reader(tx)
            found = await nodes.nodes_changed(tx, changed_since, limit)
            # Lower than what was asked for where this database is an earlier one: who follows then starts over.
            cursor = found[-1].change if found else min(changed_since, await nodes.last_change(tx))
            ids = [each.id for each in found]
            keys = _by_node(await nodes.keys_of(tx, ids))
            placed = _by_node(await placements.bearing_on(tx, ids, as_of - KEPT))
        return NodeChangesView(
            nodes=[_facts(each, keys[each.id], placed[each.id]) for each in found],
            cursor=cursor,
            as_of=as_of,
            is_complete=len(found) < limit,
        )


def _by_node(each: list[T]) -> dict[str, list[T]]:
    found: dict[str, list[T]] = defaultdict(list)
    for one in each:
        found[one.node_id].append(one)
    return found


def _facts(node: Node, keys: list[NodeKey], placed: list[Placement]) -> NodeFactsView:
    return NodeFactsView(
        node_id=node.id,
        registered_at=node.registered_at,
        revoked_at=node.revoked_at,
        is_self_placing=node.is_self_placing,
        keys=[key_view(key) for key in keys],
        placements=[
            PlacementFactsView(
                instance_id=each.instance_id,
                user_id=each.user_id,
                org_id=each.org_id,
                tier=each.tier,
                since=each.since,
                until=each.until,
                recorded_at=each.recorded_at,
                ended_at=each.ended_at,
            )
            for each in placed
        ],
    )


def key_view(key: NodeKey) -> NodeKeyView:
    return NodeKeyView(id=key.id, public_key=key.public_key, valid_from=key.valid_from, valid_until=key.valid_until)
