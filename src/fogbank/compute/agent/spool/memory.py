"""What the agent remembers, as bytes: all of it is written at every tick, because at every tick all of it moves."""

from collections.abc import Mapping

import msgspec
import zstandard

from fogbank.compute.agent.model import Checkpoint
from fogbank.events.batch import ZSTD_LEVEL

CHECKPOINTS = "checkpoints"
SEQUENCES = "sequences"
CONFIGURATION = "configuration"

_encoder = msgspec.msgpack.Encoder()
_checkpoints = msgspec.msgpack.Decoder(dict[str, Checkpoint])
_sequences = msgspec.msgpack.Decoder(dict[str, int])


def checkpoints_bytes(checkpoints: Mapping[str, Checkpoint]) -> bytes:
    return _packed(checkpoints)


def checkpoints_of(value: bytes | None) -> dict[str, Checkpoint]:
    return {} if value is None else _checkpoints.decode(zstandard.decompress(value))


def sequences_bytes(sequences: Mapping[str, int]) -> bytes:
    return _packed(sequences)


def sequences_of(value: bytes | None) -> dict[str, int]:
    return {} if value is None else _sequences.decode(zstandard.decompress(value))


def _packed(value: object) -> bytes:
    return zstandard.compress(_encoder.encode(value), ZSTD_LEVEL)
