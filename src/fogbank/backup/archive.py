"""The archive: one tar whose members are zstd streams, the last of them a manifest with a digest of each.

Written in one pass without scratch space: a member's header is put in when its size is known. Every byte is accounted
for: members by the manifest, the manifest by its own digest, headers by tar's checksum, and the rest must be zero.
"""

import hashlib
import io
import os
import tarfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Protocol, cast

import msgspec
import zstandard

from fogbank.backup.errors import ArchiveDamaged, NoRoom
from fogbank.backup.model import Manifest, Member

MANIFEST = "manifest.json"
MANIFEST_DIGEST = "manifest.json.sha256"
ENDING = ".zst"
LEVEL = 1
"""What is stored is mostly compressed already; more effort gains little."""
CHUNK_BYTES = 1024 * 1024
LOOK_BYTES = 16 * CHUNK_BYTES
RESERVE_BYTES = 256 * 1024 * 1024
"""Left free on the disk that the archive goes to: it may be the one that a system runs on."""

FreeBytes = Callable[[Path], int]


class Sink(Protocol):
    """What a member's content is written to."""

    def write(self, data: bytes, /) -> int: ...


class WritingStopped(Exception):
    """The writing was stopped from another thread."""


class ArchiveWriter:
    """Writes members one after the other; used by one thread at a time. `on_bytes` is told of content as it comes."""

    def __init__(self, file: IO[bytes], path: Path, free_bytes: FreeBytes, on_bytes: Callable[[int], None]) -> None:
        self._file = file
        self._path = path
        self._free_bytes = free_bytes
        self._on_bytes = on_bytes
        self._stop = threading.Event()
        self._unlooked = LOOK_BYTES
        self.members: list[Member] = []

    @contextmanager
    def member(self, name: str) -> Iterator[Sink]:
        """A sink for the content of the next member; it is complete when the block ends."""
        with self._stored(name + ENDING) as stored:
            compressor = zstandard.ZstdCompressor(level=LEVEL, write_checksum=True)
            content = _Content(compressor.stream_writer(cast("IO[bytes]", stored), closefd=False), self._on_bytes)
            yield content
            content.close()
        self.members.append(Member(name, stored.size, stored.digest.hexdigest(), content.size))

    def finish(self, manifest: Manifest) -> None:
        """Add the manifest and end the archive, on disk when this returns."""
        told = msgspec.json.format(msgspec.json.encode(manifest))
        with self._stored(MANIFEST) as stored:
            stored.write(told)
        with self._stored(MANIFEST_DIGEST) as stored:
            stored.write(hashlib.sha256(told).hexdigest().encode())
        self._file.write(bytes(2 * tarfile.BLOCKSIZE))
        self._file.flush()
        os.fsync(self._file.fileno())

    def stop(self) -> None:
        """Let whoever writes now, in another thread, end with `WritingStopped`."""
        self._stop.set()

    @contextmanager
    def _stored(self, name: str) -> Iterator["_Stored"]:
        header_at = self._file.tell()
        self._file.write(bytes(tarfile.BLOCKSIZE))
        stored = _Stored(self._file, self._before_write)
        yield stored
        self._file.write(bytes(-stored.size % tarfile.BLOCKSIZE))
        ends_at = self._file.tell()
        self._file.seek(header_at)
        self._file.write(_header(name, stored.size))
        self._file.seek(ends_at)

    def _before_write(self, count: int) -> None:
        if self._stop.is_set():
            raise WritingStopped
        self._unlooked += count
        if self._unlooked < LOOK_BYTES:
            return
        self._unlooked = 0
        if self._free_bytes(self._path.parent) < RESERVE_BYTES:
            raise NoRoom(self._path.parent, f"{self._file.tell() >> 20} MiB were written, and {_mib(RESERVE_BYTES)}")


class ArchiveReader:
    """Reads an archive; `ArchiveDamaged` says what is wrong with it. Nothing is trusted before `verify`."""

    def __init__(self, file: IO[bytes], path: Path) -> None:
        self._file = file
        self._path = path
        self._places = self._found()
        self.manifest = self._manifest()

    @classmethod
    @contextmanager
    def open(cls, path: Path) -> Iterator["ArchiveReader"]:
        with path.open("rb") as file:
            yield cls(file, path)

    def verify(self, on_bytes: Callable[[int], None]) -> None:
        """Compare every byte with what the manifest says. `on_bytes` is told how many have been read."""
        for member in self.manifest.members:
            if self._digest(member, on_bytes) != (member.stored_bytes, member.sha256):
                raise self._damaged(f"'{member.name}' differs from what was saved")
        ends_at = 0
        for name, (offset, size) in self._places.items():
            self._require_header(name, offset, size)
            ends_at = offset + size
            self._require_zeros(ends_at, -size % tarfile.BLOCKSIZE)
        self._require_zeros(ends_at + -ends_at % tarfile.BLOCKSIZE, -1)

    @property
    def stored_bytes(self) -> int:
        return sum(member.stored_bytes for member in self.manifest.members)

    @contextmanager
    def member(self, name: str) -> Iterator[IO[bytes]]:
        """The content of a member, to read once from its beginning."""
        offset, size = self._places[name + ENDING]
        stored = _Section(self._file, offset, size)
        with zstandard.ZstdDecompressor().stream_reader(cast("IO[bytes]", stored), closefd=False) as content:
            yield io.BufferedReader(content, CHUNK_BYTES)

    def _found(self) -> dict[str, tuple[int, int]]:
        try:
            with tarfile.open(fileobj=self._file, mode="r:") as tar:
                return {info.name: (info.offset_data, info.size) for info in tar}
        except (tarfile.TarError, OSError) as error:
            raise self._damaged(f"it is not a backup of Fogbank, or not a whole one ({error})") from error

    def _manifest(self) -> Manifest:
        told, digest = self._small(MANIFEST), self._small(MANIFEST_DIGEST)
        if hashlib.sha256(told).hexdigest().encode() != digest:
            raise self._damaged("its manifest is damaged")
        try:
            manifest = msgspec.json.decode(told, type=Manifest)
        except msgspec.DecodeError as error:
            raise self._damaged(f"its manifest says what this Fogbank does not know ({error})") from error
        missing = [member.name for member in manifest.members if member.name + ENDING not in self._places]
        if missing:
            raise self._damaged(f"it lacks {', '.join(missing)}")
        return manifest

    def _small(self, name: str) -> bytes:
        if name not in self._places:
            raise self._damaged("it is not a backup of Fogbank, or not a whole one")
        offset, size = self._places[name]
        self._file.seek(offset)
        return self._file.read(size)

    def _digest(self, member: Member, on_bytes: Callable[[int], None]) -> tuple[int, str]:
        digest, size = hashlib.sha256(), 0
        section = _Section(self._file, *self._places[member.name + ENDING])
        while chunk := section.read(CHUNK_BYTES):
            digest.update(chunk)
            size += len(chunk)
            on_bytes(len(chunk))
        return size, digest.hexdigest()

    def _require_header(self, name: str, offset: int, size: int) -> None:
        """A tar's header can say the same in other bytes; a backup writes one way only."""
        self._file.seek(offset - tarfile.BLOCKSIZE)
        if self._file.read(tarfile.BLOCKSIZE) != _header(name, size):
            raise self._damaged(f"what it says of '{name}' differs from what was saved")

    def _require_zeros(self, offset: int, size: int) -> None:
        self._file.seek(offset)
        if any(self._file.read(size)):
            raise self._damaged("there are bytes in it that no backup writes")

    def _damaged(self, what: str) -> ArchiveDamaged:
        return ArchiveDamaged(self._path, what)


class _Stored:
    """Bytes on their way into the file: counted and digested."""

    def __init__(self, file: IO[bytes], before_write: Callable[[int], None]) -> None:
        self._file = file
        self._before_write = before_write
        self.size = 0
        self.digest = hashlib.sha256()

    def write(self, data: bytes) -> int:
        self._before_write(len(data))
        self.digest.update(data)
        self.size += len(data)
        return self._file.write(data)


class _Content:
    """What a member holds, on its way to be compressed."""

    def __init__(self, writer: "zstandard.ZstdCompressionWriter", on_bytes: Callable[[int], None]) -> None:
        self._writer = writer
        self._on_bytes = on_bytes
        self.size = 0

    def write(self, data: bytes) -> int:
        self.size += len(data)
        self._writer.write(data)
        self._on_bytes(len(data))
        return len(data)

    def close(self) -> None:
        self._writer.flush(zstandard.FLUSH_FRAME)


class _Section:
    """A part of a file, read on its own position: members may be read in turns."""

    def __init__(self, file: IO[bytes], offset: int, size: int) -> None:
        self._file = file
        self._at = offset
        self._ends_at = offset + size

    def read(self, count: int = -1) -> bytes:
        left = self._ends_at - self._at
        self._file.seek(self._at)
        data = self._file.read(left if count < 0 else min(count, left))
        self._at += len(data)
        return data


def _header(name: str, size: int) -> bytes:
    info = tarfile.TarInfo(name)
    info.size, info.mode = size, 0o600
    return info.tobuf(tarfile.GNU_FORMAT)


def _mib(count: int) -> str:
    return f"{count >> 20} MiB must stay free"
