"""Numbering: each reading gets the next sequence of its instance when it is first to be sent, and keeps it. Pure.

Not before, because a reading that waits may still become one with its neighbour, and sequences have no holes.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import msgspec
from msgspec import Struct


class Numbered(NamedTuple):
    """Lines with their sequences, and the last sequence of each instance that is among them."""

    lines: list[bytes]
    sequences: dict[str, int]


class _OfInstance(Struct, gc=False):
    instance_id: str


_decoder = msgspec.json.Decoder(_OfInstance)


def numbered(lines: Iterable[bytes | memoryview], sequences: Mapping[str, int]) -> Numbered:
    """Encoded events without a sequence, numbered on from `sequences`, the last ones given."""
    given: dict[str, int] = {}
    done: list[bytes] = []
    for line in lines:
        identifier = _decoder.decode(line).instance_id
        sequence = given.get(identifier)
        if sequence is None:
            sequence = sequences.get(identifier, 0)
        given[identifier] = sequence + 1
        # A field more before the brace that ends the object: decoding and encoding it again would cost ten times that.
        done.append(b'%b,"sequence":%d}' % (bytes(line[:-1]), sequence + 1))
    return Numbered(done, given)
