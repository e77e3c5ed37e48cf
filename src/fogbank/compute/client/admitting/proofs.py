"""Proofs: which readings were found to be as they say, so that the same ones at the next tick are not looked up again.

A node says the same ids tick after tick. What is remembered of them is a hash, and the spans of time within which
nothing changes on that node: so ten million instances take no more memory here than ten thousand.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256

import msgspec

from fogbank.compute.client.facts import Placements
from fogbank.events.fields import Fields

PROOFS_MAX = 262_144
"""Some 60 MB, where so many nodes send to one process."""
BEFORE_ALL, AFTER_ALL = -(2**63), 2**63

_encode = msgspec.msgpack.Encoder().encode


@dataclass(frozen=True, slots=True)
class Span:
    """From `from_us`, included, until `until_us`, excluded."""

    from_us: int
    until_us: int

    def __contains__(self, instant_us: int) -> bool:
        return self.from_us <= instant_us < self.until_us


@dataclass(frozen=True, slots=True)
class Proof:
    """The readings are as they say, where they start within `starts` and were received within `received`."""

    starts: Span
    received: Span

    @classmethod
    def around(cls, placements: Placements, start_us: int, received_us: int) -> "Proof":
        """How far a verdict about readings that start then, and were received then, holds."""
        starts = span_between(placements.changes_us(), start_us)
        return cls(starts, span_between(placements.recordings_us(), received_us))

    def covers(self, starts_us: Iterable[int], received_us: int) -> bool:
        return received_us in self.received and all(start_us in self.starts for start_us in starts_us)


@dataclass(frozen=True, slots=True)
class Proofs:
    """The proofs of many nodes; where there are too many, the ones that were not asked for longest go."""

    proofs_max: int = PROOFS_MAX
    _proofs: dict[bytes, Proof] = field(default_factory=dict)

    def get(self, name: bytes) -> Proof | None:
        proof = self._proofs.pop(name, None)
        if proof is not None:
            self._proofs[name] = proof
        return proof

    def put(self, name: bytes, proof: Proof) -> None:
        self._proofs[name] = proof
        if len(self._proofs) > self.proofs_max:
            self._proofs.pop(next(iter(self._proofs)), None)


def name_of(node_id: str, revision: int, fields: Fields) -> bytes:
    """Same owners of the same instances, in the same order, have one name, while nothing changes about the node."""
    return sha256(_encode((node_id, revision, fields.instance_ids, fields.user_ids, fields.org_ids))).digest()


def span_between(boundaries_us: Iterable[int], instant_us: int) -> Span:
    """The longest span around the instant within which none of the boundaries is passed."""
    from_us, until_us = BEFORE_ALL, AFTER_ALL
    for boundary_us in boundaries_us:
        if from_us < boundary_us <= instant_us:
            from_us = boundary_us
        elif instant_us < boundary_us < until_us:
            until_us = boundary_us
    return Span(from_us, until_us)
