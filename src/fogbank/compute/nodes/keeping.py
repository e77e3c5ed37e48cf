"""Nodes that are there: their keys change, they are revoked, and those who run them see them."""

from dataclasses import dataclass, field
from datetime import datetime

from fogbank.compute.client.node_proofs import is_signature, rotation_text
from fogbank.compute.nodes.acts import Acts
from fogbank.compute.nodes.errors import (
    KeyFollowed,
    KeyTaken,
    NodeRevoked,
    NotVisible,
    ProofWrong,
    Refusal,
    TooManyKeys,
)
from fogbank.compute.nodes.keys import PublicKey
from fogbank.compute.nodes.model import Node, NodeKey
from fogbank.compute.nodes.rules import KEYS_MAX, OVERLAP
from fogbank.compute.nodes.sign_in.cutting import Cutter
from fogbank.compute.nodes.store import changes, nodes
from fogbank.compute.nodes.throttle import RegistrationThrottle
from fogbank.runtime.auth import Caller
from fogbank.runtime.clock import Clock
from fogbank.runtime.database import Connection, Database


@dataclass(frozen=True, slots=True)
class Rotation:
    """A new key that follows another: both sign over the node's name and the new public key.

    `key_id` names the present key, `signature` is by it, `proof` by the new one.
    """

    key_id: str
    public_key: PublicKey
    signature: str
    proof: str


@dataclass(frozen=True, slots=True)
class NodeKeeping:
    """Shows nodes, lets them change their keys, and revokes them."""

    database: Database
    clock: Clock
    acts: Acts
    cutter: Cutter
    throttle: RegistrationThrottle = field(default_factory=RegistrationThrottle)

    async def visible(self, caller: Caller, after: str, limit: int) -> list[tuple[Node, list[NodeKey]]]:
        """The nodes that the caller runs, or all; by id, after `after`."""
        operators = None if caller.sees_everything else caller.visible_accounts
        async with self.database.connection() as connection:
            found = await nodes.nodes_after(connection, operators, after, limit)
            keys = await nodes.keys_of(connection, [each.id for each in found])
        return [(each, [key for key in keys if key.node_id == each.id]) for each in found]

    async def node(self, caller: Caller, node_id: str) -> tuple[Node, list[NodeKey]]:
        """One node and its keys, for who runs it."""
        async with self.database.connection() as connection:
            found = await nodes.node(connection, node_id)
            keys = await nodes.keys_of(connection, [node_id])
        if found is None or not caller.may_see(found.operator_id):
            raise NotVisible("node", node_id)
        return found, keys

    async def rotate(self, node_id: str, rotation: Rotation, address: str) -> NodeKey:
        """Give the node another key; its present one holds for a day more. The same again is the same answer.

        `KeyFollowed` where the present one is not the newest: a key that leaked ends with its rotation, and brings no
        other. `TooManyKeys` where the node was given many within a day.
        """
        self.throttle.begin(address, self.clock())
        try:
            async with self.database.transaction() as tx:
                key = await _rotate_in(tx, node_id, rotation)
        except Refusal:
            self.throttle.failed(address, self.clock())
            raise
        self.throttle.succeeded(address)
        return key

    async def revoke(self, caller: Caller, node_id: str, reason: str) -> tuple[Node, list[NodeKey]]:
        """Believe the node no longer, and cut its connection. For ever: its name is not given again."""
        there, keys = await self.node(caller, node_id)
        if there.revoked_at is None:
            before = {"operator_id": there.operator_id, "keys": [key.id for key in keys]}
            await self.acts.record(caller, "node.revoke", f"node:{node_id}", reason, before=before)
            async with self.database.transaction() as tx:
                now = await changes.as_writer(tx)
                await nodes.revoke(tx, node_id, reason, now)
                await changes.touch(tx, node_id)
        await self.cutter.cut(node_id)
        return await self.node(caller, node_id)


async def _rotate_in(tx: Connection, node_id: str, rotation: Rotation) -> NodeKey:
    shown = rotation.public_key
    text = rotation_text(node_id, shown.text)
    if not is_signature(text, rotation.proof, shown.raw):
        raise ProofWrong("proof")
    present = await nodes.key(tx, rotation.key_id)
    if (
        present is None
        or present.node_id != node_id
        or not is_signature(text, rotation.signature, PublicKey.read(present.public_key).raw)
    ):
        raise ProofWrong("signature")
    now = await changes.as_writer(tx)
    there, known = await nodes.node(tx, node_id), await nodes.key(tx, shown.id)
    if there is None or there.revoked_at is not None:
        raise NodeRevoked(node_id)
    if known is not None:
        if known.node_id != node_id or not known.holds_at(now):
            raise KeyTaken
        return known
    if not present.holds_at(now):
        raise ProofWrong("signature")
    if present.valid_until is not None:
        raise KeyFollowed
    await _require_room(tx, node_id, now)
    fresh = NodeKey(shown.id, node_id, shown.text, now, None)
    await nodes.insert_key(tx, fresh)
    await nodes.end_other_keys(tx, node_id, shown.id, now + OVERLAP)
    await changes.touch(tx, node_id)
    return fresh


async def _require_room(tx: Connection, node_id: str, now: datetime) -> None:
    holding = [key for key in await nodes.keys_of(tx, [node_id]) if key.holds_at(now)]
    if len(holding) >= KEYS_MAX:
        raise TooManyKeys(KEYS_MAX, min(key.valid_until for key in holding if key.valid_until is not None))
