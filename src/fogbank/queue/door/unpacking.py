"""Bodies without their packing. What would unpack to more than is allowed is refused before it takes the room."""

import zlib
from enum import StrEnum

import zstandard

from fogbank.queue.door.errors import BodyTooLarge, BodyUnreadable, FormUnknown

GZIP_WINDOW = 31
"""zlib's word for: gzip, of any window."""


class Packing(StrEnum):
    """How a body is packed."""

    NONE = "identity"
    GZIP = "gzip"
    ZSTD = "zstd"


PACKINGS = {
    "": Packing.NONE,
    "identity": Packing.NONE,
    "gzip": Packing.GZIP,
    "x-gzip": Packing.GZIP,
    "zstd": Packing.ZSTD,
}


def packing_of(content_encoding: str) -> Packing:
    """The packing that a `Content-Encoding` names; `FormUnknown` for another, or more than one."""
    packing = PACKINGS.get(content_encoding.strip().lower())
    if packing is None:
        raise FormUnknown(
            f"The Content-Encoding is '{content_encoding[:100]}'; send gzip, zstd, or none.", is_encoding=True
        )
    return packing


def unpacked(body: bytes, packing: Packing, bytes_max: int) -> bytes:
    """The body unpacked; `BodyTooLarge` beyond `bytes_max`, `BodyUnreadable` where it is broken."""
    if packing is Packing.GZIP:
        return _gunzipped(body, bytes_max)
    if packing is Packing.ZSTD:
        return _decompressed(body, bytes_max)
    if len(body) > bytes_max:
        raise _too_large(bytes_max)
    return body


def _gunzipped(body: bytes, bytes_max: int) -> bytes:
    parts: list[bytes] = []
    room = bytes_max
    while True:
        stream = zlib.decompressobj(GZIP_WINDOW)
        try:
            part = stream.decompress(body, room + 1)
        except zlib.error as error:
            raise BodyUnreadable(f"The body is not gzip: {error}.") from None
        if len(part) > room:
            raise _too_large(bytes_max)
        if not stream.eof:
            raise BodyUnreadable("The body is not gzip: it ends too early.")
        parts.append(part)
        room -= len(part)
        body = stream.unused_data
        if not body:  # gzip may be several members, one behind the other
            return b"".join(parts)


def _decompressed(body: bytes, bytes_max: int) -> bytes:
    """One zstd frame and nothing behind it, as on the queue, where a body may go as it came."""
    try:
        announced = zstandard.get_frame_parameters(body).content_size
        if announced > bytes_max and announced != zstandard.CONTENTSIZE_UNKNOWN:
            raise _too_large(bytes_max)
        return bytes(zstandard.ZstdDecompressor().decompress(body, bytes_max, allow_extra_data=False))
    except zstandard.ZstdError as error:
        if _is_larger(body, bytes_max):
            raise _too_large(bytes_max) from None
        raise BodyUnreadable(f"The body is not zstd: {error}.") from None


def _is_larger(body: bytes, bytes_max: int) -> bool:
    """Whether a frame that does not say its size unpacks to more."""
    try:
        with zstandard.ZstdDecompressor().stream_reader(body) as reader:
            return len(reader.read(bytes_max + 1)) > bytes_max
    except zstandard.ZstdError:
        return False


def _too_large(bytes_max: int) -> BodyTooLarge:
    return BodyTooLarge(f"The body unpacks to more than {bytes_max} bytes; send less at once.")
