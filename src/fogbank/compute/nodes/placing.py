"""Placements: which instance is on which node since when, and whose it is."""

from dataclasses import dataclass
from datetime import datetime

from fogbank.accounts.client import AccountsClient
from fogbank.compute.nodes.acts import Acts, require_reason
from fogbank.compute.nodes.errors import InstancePlaced, InstantRefused, NodeRevoked, NotVisible
from fogbank.compute.nodes.model import Placement, Where
from fogbank.compute.nodes.rules import BACKDATED_MAX, is_sayable
from fogbank.compute.nodes.store import changes, nodes, placements
from fogbank.compute.nodes.store.placements import Wanted
from fogbank.kernel.ids import payer_of
from fogbank.runtime.auth import Caller
from fogbank.runtime.database import Connection, Database

WITHOUT_WORDS = "It was placed in this tier."


@dataclass(frozen=True, slots=True)
class Wish:
    """An instance to place: in `tier`, or in the one it is in; since then, or now; `moves` takes it from elsewhere."""

    instance_id: str
    node_id: str
    user_id: str
    org_id: str | None
    tier: str | None
    since: datetime | None
    moves: bool


@dataclass(frozen=True, slots=True)
class Placing:
    """Places instances, and tells where they are."""

    database: Database
    accounts: AccountsClient
    acts: Acts

    async def place(self, caller: Caller, wish: Wish, reason: str | None) -> Placement:
        """Write down that the instance is on the node. The same again is the same answer.

        Accounts learns of the instance, and of its tier where one is given. Where it is elsewhere, or there for another
        owner, it is `InstancePlaced`, unless it moves: then the old placement ends where this one begins.
        """
        # All that can be refused is refused before accounts is told: a tier that is put changes what is billed.
        require_reason(caller, reason)
        async with self.database.connection() as connection:
            await _require_node(connection, wish.node_id)
            there = (await placements.open_of(connection, [wish.instance_id])).get(wish.instance_id)
            if wish.since is not None:
                _require_sayable("since", wish.since, await changes.now(connection), not_before=None)
        _require_free(there, wish)
        where = await self._known_to_accounts(wish, reason)
        if there is not None and there.says(where):
            return there
        await self.acts.record(
            caller,
            "placement.begin",
            f"instance:{wish.instance_id}",
            reason,
            before=None if there is None else {"placement": there.id, "node_id": there.node_id},
            after={"node_id": where.node_id, "user_id": where.user_id, "org_id": where.org_id, "tier": where.tier},
        )
        async with self.database.transaction() as tx:
            return await _place_in(tx, where, wish)

    async def end(self, caller: Caller, placement_id: int, until: datetime | None, reason: str | None) -> Placement:
        """Write down that the instance is there no longer, from `until` on, or from now. Once: later calls see it."""
        placement = await self.placement(caller, placement_id)
        if placement.until is not None:
            return placement
        before = {"placement": placement.id, "node_id": placement.node_id}
        await self.acts.record(caller, "placement.end", f"instance:{placement.instance_id}", reason, before=before)
        async with self.database.transaction() as tx:
            now = await changes.as_writer(tx)
            found = await placements.find(tx, placement_id)
            if found is None:
                raise NotVisible("placement", str(placement_id))
            if found[0].until is not None:
                return found[0]
            return await _end_in(tx, found[0], now if until is None else until, now, "until")

    async def placement(self, caller: Caller, placement_id: int) -> Placement:
        """One placement, for who pays for it or runs its node."""
        async with self.database.connection() as connection:
            found = await placements.find(connection, placement_id)
        if found is not None:
            placement, operator_id = found
            if caller.may_see(payer_of(placement.user_id, placement.org_id)) or caller.may_see(operator_id):
                return placement
        raise NotVisible("placement", str(placement_id))

    async def visible(
        self,
        caller: Caller,
        *,
        node_id: str | None,
        instance_id: str | None,
        account_id: str | None,
        only_now: bool,
        after: int,
        limit: int,
    ) -> list[Placement]:
        """The placements that the caller pays for or that are on nodes that they run; all, for administrators."""
        if account_id is not None and not caller.may_see(account_id):
            raise NotVisible("account", account_id)
        visible = None if caller.sees_everything else caller.visible_accounts
        async with self.database.connection() as connection:
            which = Wanted(node_id, instance_id, account_id, only_now, visible)
            return await placements.wanted(connection, which, after, limit)

    async def _known_to_accounts(self, wish: Wish, reason: str | None) -> Where:
        instance = await self.accounts.create_instance(
            instance_id=wish.instance_id, name=wish.instance_id, user_id=wish.user_id, org_id=wish.org_id
        )
        if wish.tier is not None and wish.tier != instance.tier:
            instance = await self.accounts.put_tier(wish.instance_id, wish.tier, reason or WITHOUT_WORDS)
        return Where(wish.instance_id, wish.node_id, wish.user_id, wish.org_id, instance.tier)


async def _place_in(tx: Connection, where: Where, wish: Wish) -> Placement:
    now = await changes.as_writer(tx)
    await _require_node(tx, where.node_id)
    there = (await placements.open_of(tx, [where.instance_id])).get(where.instance_id)
    if there is not None and there.says(where):
        return there
    _require_free(there, wish)
    since = now if wish.since is None else wish.since
    if there is not None:
        await _end_in(tx, there, since, now, "since")
    ended = await placements.last_end(tx, where.instance_id)
    _require_sayable("since", since, now, not_before=ended)
    placement = await placements.insert(tx, where, since, now, is_self_placed=False)
    await changes.touch(tx, where.node_id)
    return placement


async def _end_in(tx: Connection, placement: Placement, until: datetime, now: datetime, field: str) -> Placement:
    _require_sayable(field, until, now, not_before=placement.since)
    ended = await placements.end(tx, placement.id, until, now)
    if not placement.is_self_placed:
        await changes.touch(tx, placement.node_id)
    return ended


async def _require_node(tx: Connection, node_id: str) -> None:
    there = await nodes.node(tx, node_id)
    if there is None:
        raise NotVisible("node", node_id)
    if there.revoked_at is not None:
        raise NodeRevoked(node_id)


def _require_free(there: Placement | None, wish: Wish) -> None:
    if there is None or there.is_self_placed or wish.moves:
        return
    if (there.node_id, there.user_id, there.org_id) != (wish.node_id, wish.user_id, wish.org_id):
        raise InstancePlaced(there.instance_id, there.node_id, there.id)


def _require_sayable(field: str, at: datetime, now: datetime, not_before: datetime | None) -> None:
    earliest = now - BACKDATED_MAX if not_before is None else max(not_before, now - BACKDATED_MAX)
    if not is_sayable(at, now) or at < earliest:
        raise InstantRefused(field, earliest, now)
