"""Nodes as compute would tell of them, recorded in memory: a `NodeChanges` whose clock is set."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from fogbank.compute.client import NodeChangesView, NodeFactsView, NodeKeyView, PlacementFactsView
from fogbank.events.signing import key_id, public_key_of
from fogbank.runtime.problems import Problem

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
SEED = b"a node's private key, 32 bytes !"


@dataclass(slots=True)
class RecordedNodes:
    """Tells the last facts of each node, in the order in which they were last recorded; or is away."""

    now: datetime = START
    is_away: bool = False
    changes_of: dict[str, tuple[int, NodeFactsView]] = field(default_factory=dict)
    asked: list[int] = field(default_factory=list)
    told: asyncio.Event = field(default_factory=asyncio.Event)
    changed: int = 0

    async def changes(self, changed_since: int, limit: int) -> NodeChangesView:
        self.asked.append(changed_since)
        self.told.set()
        if self.is_away:
            raise Problem(503, "service-unavailable", "Compute is away.")
        later = sorted(
            ((change, view) for change, view in self.changes_of.values() if change > changed_since),
            key=lambda each: each[0],
        )
        page = later[:limit]
        return NodeChangesView(
            nodes=[view for _, view in page],
            cursor=page[-1][0] if page else min(changed_since, self.changed),
            as_of=self.now,
            is_complete=len(later) <= limit,
        )

    def record(self, view: NodeFactsView) -> NodeFactsView:
        self.changed += 1
        self.changes_of[view.node_id] = (self.changed, view)
        return view

    def register(
        self,
        node_id: str,
        *placements: PlacementFactsView,
        at: datetime = START,
        seed: bytes = SEED,
        is_self_placing: bool = False,
    ) -> NodeFactsView:
        public = public_key_of(seed)
        keys = [NodeKeyView(key_id(public), public, at, None)]
        return self.record(NodeFactsView(node_id, at, None, is_self_placing, keys, list(placements)))

    def place(self, node_id: str, *placements: PlacementFactsView) -> None:
        view = self.changes_of[node_id][1]
        self.record(replace(view, placements=[*view.placements, *placements]))

    def revoke(self, node_id: str, at: datetime) -> None:
        self.record(replace(self.changes_of[node_id][1], revoked_at=at))


def placed(
    instance_id: str,
    user_id: str,
    org_id: str | None = None,
    *,
    since: datetime = START,
    until: datetime | None = None,
    recorded_at: datetime | None = None,
) -> PlacementFactsView:
    """A placement that was written down when it began, and its end when it ended."""
    return PlacementFactsView(instance_id, user_id, org_id, "standard", since, until, recorded_at or since, until)


def placed_all(instance_ids: Sequence[str], user_id: str) -> list[PlacementFactsView]:
    return [placed(instance_id, user_id) for instance_id in instance_ids]


def later(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)
