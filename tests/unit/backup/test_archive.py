"""The archive's promises: what was written is read, a byte that differs is refused, and a full disk is seen coming."""

import io
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fogbank.backup.archive import LOOK_BYTES, RESERVE_BYTES, ArchiveReader, ArchiveWriter, WritingStopped
from fogbank.backup.errors import ArchiveDamaged, NoRoom
from fogbank.backup.model import FORMAT, Manifest, Member

ANYWHERE = Path("a.backup")
CONTENTS = {"postgres.tar": b"accounts" * 500, "queue/USAGE": bytes(range(256)) * 9, "empty": b""}


def manifest_of(members: list[Member]) -> Manifest:
    now = datetime(2026, 11, 25, tzinfo=UTC)
    return Manifest(
        format=FORMAT,
        fogbank="0.1.0",
        postgres="18.6",
        schemas={"ledger": "0001"},
        node_id="node_1",
        began_at=now,
        ended_at=now,
        was_running=True,
        left_out=[],
        members=members,
    )


def no_news(_: int) -> None:
    pass


def writer_to(file: IO[bytes], free_bytes: int = 2 * RESERVE_BYTES) -> ArchiveWriter:
    return ArchiveWriter(file, ANYWHERE, lambda _: free_bytes, no_news)


def archive_of(contents: Mapping[str, bytes]) -> bytes:
    with tempfile.TemporaryFile() as file:
        writer = writer_to(file)
        for name, content in contents.items():
            with writer.member(name) as sink:
                sink.write(content)
        writer.finish(manifest_of(writer.members))
        file.seek(0)
        return file.read()


def checked(archive: bytes) -> ArchiveReader:
    reader = ArchiveReader(io.BytesIO(archive), ANYWHERE)
    reader.verify(no_news)
    return reader


WHOLE = archive_of(CONTENTS)


@given(st.dictionaries(st.from_regex(r"[a-z]{1,20}", fullmatch=True), st.binary(max_size=5_000), max_size=5))
def test_what_was_written_is_read(contents: dict[str, bytes]) -> None:
    reader = checked(archive_of(contents))
    for name, content in contents.items():
        with reader.member(name) as source:
            assert source.read() == content
    assert reader.manifest.content_bytes == sum(map(len, contents.values()))


@given(place=st.integers(0, len(WHOLE) - 1), change=st.integers(1, 255))
def test_one_byte_that_differs_is_refused_wherever_it_is(place: int, change: int) -> None:
    damaged = bytearray(WHOLE)
    damaged[place] ^= change
    with pytest.raises(ArchiveDamaged, match=r"a\.backup cannot be restored: .+ Nothing was written"):
        checked(bytes(damaged))


@given(st.integers(0, len(WHOLE) - 2_048))
def test_an_archive_that_ends_early_is_refused(length: int) -> None:
    with pytest.raises(ArchiveDamaged):
        checked(WHOLE[:length])


def test_what_is_no_archive_is_refused() -> None:
    with pytest.raises(ArchiveDamaged):
        checked(b"no archive at all")


def test_writing_ends_before_the_disk_is_full() -> None:
    with (
        tempfile.TemporaryFile() as file,
        pytest.raises(NoRoom, match="256 MiB must stay free"),
        writer_to(file, RESERVE_BYTES - 1).member("usage.tar") as sink,
    ):
        sink.write(b"readings")


def test_the_disk_is_looked_at_again_while_much_is_written() -> None:
    looks = []

    def free_bytes(_: Path) -> int:
        looks.append(1)
        return 2 * RESERVE_BYTES

    with tempfile.TemporaryFile() as file:
        writer = ArchiveWriter(file, ANYWHERE, free_bytes, no_news)
        with writer._stored("raw") as stored:
            for _ in range(3):
                stored.write(bytes(LOOK_BYTES))
    assert len(looks) == 3


def test_who_stops_it_ends_the_writing_in_another_thread() -> None:
    with tempfile.TemporaryFile() as file:
        writer = writer_to(file)
        writer.stop()
        with pytest.raises(WritingStopped), writer.member("usage.tar") as sink:
            sink.write(b"readings")
