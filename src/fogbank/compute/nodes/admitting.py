"""Writes down that a key is a node's, in the caller's transaction: the one place where a node or a key begins."""

from dataclasses import dataclass
from datetime import datetime

from fogbank.compute.nodes.errors import KeyTaken, NameNotFree, NodeRevoked, NodeTaken
from fogbank.compute.nodes.keys import PublicKey
from fogbank.compute.nodes.model import Node, NodeKey
from fogbank.compute.nodes.names import can_name_a_node
from fogbank.compute.nodes.store import changes, nodes
from fogbank.runtime.database import Connection


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A node and the key that it is to be known by."""

    node_id: str
    public_key: PublicKey
    operator_id: str
    is_self_placing: bool = False


@dataclass(frozen=True, slots=True)
class Admitted:
    """The node's key. `has_replaced`: others ended with it, and who is connected by one of them is to be cut off."""

    key: NodeKey
    has_replaced: bool = False


async def admit(tx: Connection, now: datetime, newcomer: Newcomer, *, may_replace: bool) -> Admitted:
    """The node's key, written down now or before; after `as_writer`. The same again is the same answer.

    A node that is there already gets another key only where `may_replace`: then its old ones end at once. Who runs it
    and whether it places itself are said once: verdicts on what it sent hang on them.
    """
    if not can_name_a_node(newcomer.node_id):
        raise NameNotFree(newcomer.node_id)
    shown = newcomer.public_key
    there, known = await nodes.node(tx, newcomer.node_id), await nodes.key(tx, shown.id)
    if there is not None:
        _require_same(there, newcomer)
    if known is not None:
        if known.node_id != newcomer.node_id or known.public_key != shown.text or not known.holds_at(now):
            raise KeyTaken
        return Admitted(known)
    fresh = NodeKey(shown.id, newcomer.node_id, shown.text, now, None)
    if there is None:
        await nodes.insert_node(
            tx, newcomer.node_id, newcomer.operator_id, now, is_self_placing=newcomer.is_self_placing
        )
    elif not may_replace:
        raise NodeTaken(newcomer.node_id)
    await nodes.insert_key(tx, fresh)
    ended = await nodes.end_other_keys(tx, newcomer.node_id, shown.id, now)
    await changes.touch(tx, newcomer.node_id)
    return Admitted(fresh, has_replaced=ended > 0)


def _require_same(there: Node, newcomer: Newcomer) -> None:
    if there.revoked_at is not None:
        raise NodeRevoked(there.id)
    if (there.operator_id, there.is_self_placing) != (newcomer.operator_id, newcomer.is_self_placing):
        raise NodeTaken(there.id)
