"""Batches: many usage events in one message of the queue.

A message carries NDJSON, a JSON array or one JSON object; compressed with zstd where `Content-Encoding` says so. Our
own agents send NDJSON with zstd. The `Nats-Msg-Id` is made of the node and its first and last sequence, so a batch that
is sent again is the same message.
"""

from collections.abc import Mapping, Sequence

import msgspec
import zstandard
from msgspec import Struct

PAYLOAD_BYTES_MAX = 64 * 1024 * 1024
"""What a batch may unpack to: beyond it the message is a mistake or an attack, and is quarantined unread."""

MESSAGE_ID = "Nats-Msg-Id"
CONTENT_TYPE = "Content-Type"
CONTENT_ENCODING = "Content-Encoding"
NODE = "Fogbank-Node"

NDJSON = "application/x-ndjson"
ZSTD = "zstd"
ZSTD_LEVEL = 1


class BatchUnreadable(ValueError):
    """A message whose payload cannot be taken apart into events; the text says why."""


class Batch(Struct, frozen=True):
    """A message for the queue: its payload and its headers."""

    payload: bytes
    headers: dict[str, str]


def pack(events: Sequence[bytes], node_id: str, first: int, last: int) -> Batch:
    """Encoded events as one compressed message of `node_id`, named by its first and last sequence."""
    return Batch(
        payload=zstandard.compress(b"\n".join(events), ZSTD_LEVEL),
        headers={
            MESSAGE_ID: f"{node_id}:{first}-{last}",
            CONTENT_TYPE: NDJSON,
            CONTENT_ENCODING: ZSTD,
            NODE: node_id,
        },
    )


def unpack(payload: bytes, headers: Mapping[str, str] | None) -> list[bytes | memoryview]:
    """The encoded events of a message, in order; `BatchUnreadable` where it cannot be taken apart."""
    return split(payload_text(payload, headers), headers)


def payload_text(payload: bytes, headers: Mapping[str, str] | None) -> bytes:
    """A message's payload without its compression and surrounding blanks."""
    encoding = (headers or {}).get(CONTENT_ENCODING, "")
    if encoding == ZSTD:
        payload = _decompress(payload)
    elif encoding not in ("", "identity"):
        raise BatchUnreadable(f"Content-Encoding '{encoding}' is not known; use zstd or none")
    return payload.strip()


def split(text: bytes, headers: Mapping[str, str] | None) -> list[bytes | memoryview]:
    """The encoded events in an uncompressed payload, in order."""
    if text.startswith(b"["):
        return _split_array(text)
    if _is_one_object(text, (headers or {}).get(CONTENT_TYPE, "")):
        return [text]
    return [line for line in text.split(b"\n") if line.strip()]


def _decompress(payload: bytes) -> bytes:
    try:
        announced = zstandard.get_frame_parameters(payload).content_size
        if announced > PAYLOAD_BYTES_MAX and announced != zstandard.CONTENTSIZE_UNKNOWN:
            raise BatchUnreadable(f"the payload unpacks to more than {PAYLOAD_BYTES_MAX} bytes")
        return zstandard.ZstdDecompressor().decompress(payload, PAYLOAD_BYTES_MAX, allow_extra_data=False)
    except zstandard.ZstdError as error:
        raise BatchUnreadable(f"the payload is not zstd: {error}") from None


def _is_one_object(text: bytes, content_type: str) -> bool:
    """Whether it is a single event, printed over several lines: what a person sends by hand."""
    if content_type == NDJSON or b"\n" not in text:
        return False
    try:
        _value_decoder.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return True


_value_decoder = msgspec.json.Decoder(msgspec.Raw)
_array_decoder = msgspec.json.Decoder(list[msgspec.Raw])


def _split_array(text: bytes) -> list[bytes | memoryview]:
    try:
        return [memoryview(item) for item in _array_decoder.decode(text)]
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BatchUnreadable(f"the payload is not a JSON array: {error}") from None
    except RecursionError:
        raise BatchUnreadable("the payload is nested too deeply") from None
