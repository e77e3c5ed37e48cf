"""The message that a body's right events become. Pure."""

from hashlib import sha256

import msgspec
import zstandard

from fogbank.events.batch import CONTENT_ENCODING, CONTENT_TYPE, MESSAGE_ID, NDJSON, NODE, ZSTD, ZSTD_LEVEL, Batch
from fogbank.queue.door.reading import BodyEvents

_encoder = msgspec.json.Encoder()


def message_of(events: BodyEvents, node_id: str, packed: bytes | None) -> Batch:
    """The valid events as one message of NDJSON and zstd; `packed` is the body, where it came as just that.

    The id is made of caller and content, so the same body again is the same message. Readings are stored once by their
    identity in any case; this only spares the queue the repeat.
    """
    payload = packed if packed is not None and events.lines is not None else _compressed(events)
    return Batch(
        payload,
        {
            MESSAGE_ID: f"{node_id}:{sha256(payload).hexdigest()}",
            CONTENT_TYPE: NDJSON,
            CONTENT_ENCODING: ZSTD,
            NODE: node_id,
        },
    )


def _compressed(events: BodyEvents) -> bytes:
    lines = events.lines if events.lines is not None else _encoder.encode_lines(events.valid)
    return zstandard.compress(lines, ZSTD_LEVEL)
