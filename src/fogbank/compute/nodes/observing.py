"""Writes down where instances are that nobody placed: what is seen on nodes that place themselves.

It is there to be looked at. It bears on no verdict and on no bill: those take what the readings say, as they did.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from fogbank.compute.nodes.model import Placement, Seen, Where
from fogbank.compute.nodes.store import changes, nodes, placements
from fogbank.runtime.clock import Clock
from fogbank.runtime.database import Connection, Database
from fogbank.runtime.expiring import ExpiringCache

REMEMBERED = timedelta(minutes=10)
REMEMBERED_MAX = 200_000
TIER = "standard"


def nobody(_node_ids: Collection[str]) -> None:
    """Whom it concerns when nobody is told."""


@dataclass(frozen=True, slots=True)
class Observing:
    """Takes what was seen, and writes down what is new about it."""

    database: Database
    clock: Clock
    on_new: Callable[[Collection[str]], None] = nobody
    """Told the nodes on which there is something new."""
    _known: ExpiringCache[Seen, bool] = field(default_factory=lambda: ExpiringCache(REMEMBERED_MAX))

    async def observe(self, seen: Sequence[Seen]) -> int:
        """Write down what is on self-placing nodes; how many placements are new.

        What somebody placed stays as it is. An instance seen elsewhere, or with another owner, has moved.
        """
        now = self.clock()
        fresh = [each for each in dict.fromkeys(seen) if self._known.get(each, now) is None]
        if not fresh:
            return 0
        async with self.database.transaction() as tx:
            written = await _write(tx, fresh)
        if written:
            self.on_new({each.node_id for each in written})
        for each in fresh:
            self._known.put(each, value=True, until=now + REMEMBERED)
        return len(written)


async def _write(tx: Connection, fresh: Sequence[Seen]) -> list[Seen]:
    now = await changes.as_writer(tx)
    there = await placements.open_of(tx, [each.instance_id for each in fresh])
    self_placing = {
        node_id
        for node_id in {each.node_id for each in fresh}
        if (node := await nodes.node(tx, node_id)) is not None and node.is_self_placing and node.revoked_at is None
    }
    written: list[Seen] = []
    for each in fresh:
        before = there.get(each.instance_id)
        if each.node_id not in self_placing or not _is_news(each, before):
            continue
        there[each.instance_id] = await _begin(tx, each, before, now)
        written.append(each)
    return written


def _is_news(seen: Seen, before: Placement | None) -> bool:
    if before is None:
        return True
    is_same = (before.node_id, before.user_id, before.org_id) == (seen.node_id, seen.user_id, seen.org_id)
    return before.is_self_placed and not is_same


async def _begin(tx: Connection, seen: Seen, before: Placement | None, now: datetime) -> Placement:
    if before is not None:
        await placements.end(tx, before.id, now, now)
    where = Where(seen.instance_id, seen.node_id, seen.user_id, seen.org_id, TIER)
    return await placements.insert(tx, where, now, now, is_self_placed=True)
