"""Admission: whether what a node says is believed, and whose bill it goes on. Pure.

A verdict depends on the message and on facts that were written down when the queue received it, and on nothing else:
whoever judges the same message again, a year later and with all that became known since, says the same.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from operator import attrgetter
from typing import Literal

from fogbank.compute.client.facts import NodeIdentity, Placement, Placements
from fogbank.events.fields import Fields
from fogbank.events.signing import SIGNATURE, SIGNATURE_KEY, is_signed_by, key_id
from fogbank.events.usage_event import Rejection
from fogbank.kernel.periods import instant_of

Mode = Literal["open", "registered"]
MODES: tuple[Mode, ...] = ("open", "registered")

Why = Literal["unregistered", "revoked", "unsigned", "unknown_key", "wrong_signature", "unplaced"]


@dataclass(frozen=True, slots=True)
class Refusal(Rejection):
    """A message or a reading that is not believed: the field, the reason as a sentence, and the sort of reason."""

    why: Why


class Trust(Enum):
    """How the readings of a message are taken that is not refused."""

    AS_SAID = "the sender says whose they are"
    BY_PLACEMENT = "placements say whose they are"
    DECIDED = "placements say whose they are, and where there is none the sender, as an administrator decided"


@dataclass(frozen=True, slots=True)
class Policy:
    """What is done with nodes that were never registered, by when their message was received; and the exempt key.

    `modes` are since when which mode holds, oldest first; before the first, the first. `own_key` is the installation's
    own public key: what administrators send again is signed with it, and it may speak for every node.
    """

    own_key: str
    modes: tuple[tuple[int, Mode], ...] = ((0, "open"),)

    def is_open_at(self, received_us: int) -> bool:
        """Whether nodes that nobody registered were heard then."""
        before = [mode for since_us, mode in self.modes if since_us <= received_us]
        return (before[-1] if before else self.modes[0][1]) == "open"


@dataclass(frozen=True, slots=True)
class Said:
    """A message as the queue has it: under which node's name it came, and when."""

    node_id: str
    headers: Mapping[str, str]
    payload: bytes
    received_us: int


def judge_message(said: Said, node: NodeIdentity | None, policy: Policy) -> Trust | Refusal:
    """Whether to believe a message, and then by whose word its readings go.

    `node` is None where none of that name was ever registered. What came before a node was registered is judged as if
    it never was.
    """
    is_registered = node is not None and node.registered_us <= said.received_us
    if _is_by_own_key(policy.own_key, said):
        return Trust.DECIDED if is_registered else Trust.AS_SAID
    if node is None or not is_registered:
        if policy.is_open_at(said.received_us):
            return Trust.AS_SAID
        return Refusal(
            "node", f"'{said.node_id}' was not registered, and only registered nodes are heard", "unregistered"
        )
    if node.revoked_us is not None and node.revoked_us <= said.received_us:
        return Refusal("node", f"'{node.node_id}' was revoked at {_text(node.revoked_us)}, before this came", "revoked")
    return _judge_signature(node, said) or Trust.BY_PLACEMENT


def _is_by_own_key(own_key: str, said: Said) -> bool:
    return bool(own_key) and said.headers.get(SIGNATURE_KEY) == key_id(own_key) and _is_signed(said, own_key)


def _judge_signature(node: NodeIdentity, said: Said) -> Refusal | None:
    name = said.headers.get(SIGNATURE_KEY)
    if name is None or SIGNATURE not in said.headers:
        return Refusal("signature", "is missing, and a registered node signs what it sends", "unsigned")
    named = [key for key in node.keys if key.id == name]
    valid = [key for key in named if key.is_valid_at(said.received_us)]
    if not valid:
        what = "was not valid when this came" if named else f"is none of '{node.node_id}'"
        return Refusal("signature", f"is by a key that {what}", "unknown_key")
    if not any(_is_signed(said, key.public_key) for key in valid):
        return Refusal("signature", "is not one of this payload by the key that it names", "wrong_signature")
    return None


def _is_signed(said: Said, public_key: str) -> bool:
    return is_signed_by(said.payload, said.headers.get(SIGNATURE, ""), public_key)


@dataclass(frozen=True, slots=True)
class Verdicts:
    """What becomes of some readings, by their place among them: refused, or billed to another than they say.

    A reading that is neither is taken as it is. `unplaced` are those that are taken as they are because their node
    places itself, and nobody else placed them; where there are any, none is refused. `begun` are those that began
    before their placement did.
    """

    refused: dict[int, Refusal] = field(default_factory=dict)
    owners: dict[int, tuple[str, str | None]] = field(default_factory=dict)
    unplaced: list[int] = field(default_factory=list)
    begun: list[int] = field(default_factory=list)

    @property
    def are_plain(self) -> bool:
        """Whether each was where it says, whose it says, when it began."""
        return not (self.refused or self.owners or self.unplaced or self.begun)


def judge_readings(node: NodeIdentity, placements: Placements, fields: Fields, received_us: int) -> Verdicts:
    """What becomes of the readings of a message whose sender is believed.

    A reading is billed to the owner of the placement that held at its start. Where none did, it is the first
    placement's that began within it: an agent's first period begins with the tick before the instance did.
    """
    verdicts, known = Verdicts(), placements.by_instance
    starts, ends = fields.starts_us, fields.ends_us
    for place, (instance_id, user_id, org_id) in enumerate(
        zip(fields.instance_ids, fields.user_ids, fields.org_ids, strict=True)
    ):
        placement = _placement_at(known.get(instance_id, ()), starts[place], ends[place], received_us)
        if placement is not None:
            if placement.since_us > starts[place]:
                verdicts.begun.append(place)
            if placement.user_id != user_id or placement.org_id != org_id:
                verdicts.owners[place] = (placement.user_id, placement.org_id)
        elif node.is_self_placing:
            verdicts.unplaced.append(place)
        else:
            verdicts.refused[place] = _unplaced(node.node_id, instance_id, starts[place])
    return verdicts


def _placement_at(placements: Sequence[Placement], start_us: int, end_us: int, received_us: int) -> Placement | None:
    for placement in placements:
        if placement.holds_at(start_us, received_us):
            return placement
    begun = [
        placement
        for placement in placements
        if start_us < placement.since_us < end_us and placement.holds_at(placement.since_us, received_us)
    ]
    return min(begun, key=attrgetter("since_us"), default=None)


def _unplaced(node_id: str, instance_id: str, start_us: int) -> Refusal:
    reason = f"'{instance_id}' was not placed on '{node_id}' at {_text(start_us)}"
    return Refusal("instance_id", reason, "unplaced")


def _text(at_us: int) -> str:
    return f"{instant_of(at_us):%Y-%m-%dT%H:%M:%SZ}"
