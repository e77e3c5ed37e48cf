"""A backup and a restore are there whole or not at all, and replace nothing."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path

import pytest
import zstandard

from fogbank.backup.archive import RESERVE_BYTES, ArchiveReader
from fogbank.backup.errors import BackupFailed, NoRoom
from fogbank.backup.model import Manifest
from fogbank.backup.parts import Stopped
from fogbank.backup.restoring import Restoring
from fogbank.backup.saving import About, Saving
from fogbank.compute.agent.spool import Spool

ROOMY = 1 << 40
NODE = "node_1"

FreeBytes = Callable[[Path], int]


def roomy(_: Path) -> int:
    return ROOMY


def full(_: Path) -> int:
    return RESERVE_BYTES - 1


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A directory of an installation whose servers are all the operator's own."""
    data = tmp_path / "data"
    for name in ("secrets", "run", "logs", "agent"):
        (data / name).mkdir(parents=True, mode=0o700)
    (data / "secrets" / "key").write_text("hush")
    (data / "fogbank.toml").write_text("[http]\nport = 1234\n")
    (data / "logs" / "up.log").write_text("nothing to keep")
    with Spool.open(data / "agent" / "spool.sqlite", NODE, 0):
        pass
    return data


async def save(data: Path, target: Path, free_bytes: FreeBytes = roomy) -> Manifest:
    about = About("0.1.0", "18.6", {}, NODE)
    clock = datetime(2026, 11, 25, tzinfo=UTC)
    return await Saving(Stopped(data), about, lambda: clock, free_bytes, lambda _: None, lambda _: None).save(target)


async def restore(archive: Path, data: Path, *, node_id: str = NODE, free_bytes: FreeBytes = roomy) -> None:
    with ArchiveReader.open(archive) as reader:
        await Restoring(reader, data, node_id, free_bytes, lambda _: None).restore()


def names_in(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


def refused(words: str) -> AbstractContextManager[object]:
    return pytest.raises(BackupFailed, match=re.escape(words))


async def test_what_is_there_is_saved_and_what_is_elsewhere_is_named(data: Path, tmp_path: Path) -> None:
    manifest = await save(data, tmp_path / "a.backup")
    assert manifest.left_out == ["postgres.url", "queue.url", "usage.clickhouse"]
    await restore(tmp_path / "a.backup", tmp_path / "again")
    again = {str(path.relative_to(tmp_path / "again")) for path in (tmp_path / "again").rglob("*") if path.is_file()}
    assert again == {"secrets/key", "fogbank.toml", "agent/spool.sqlite"}
    assert (tmp_path / "again" / "secrets" / "key").read_text() == "hush"


async def test_the_spool_of_another_machine_is_kept_under_its_name(data: Path, tmp_path: Path) -> None:
    await save(data, tmp_path / "a.backup")
    await restore(tmp_path / "a.backup", tmp_path / "again", node_id="node_2")
    assert (tmp_path / "again" / "agent-of-node_1" / "spool.sqlite").is_file()
    assert not (tmp_path / "again" / "agent").exists()


async def test_a_disk_without_room_is_left_as_it_was(data: Path, tmp_path: Path) -> None:
    with pytest.raises(NoRoom):
        await save(data, tmp_path / "a.backup", full)
    await save(data, tmp_path / "a.backup")
    with pytest.raises(NoRoom):
        await restore(tmp_path / "a.backup", tmp_path / "again", free_bytes=full)
    assert names_in(tmp_path) == ["a.backup", "data"]


async def test_what_a_killed_backup_left_is_written_over(data: Path, tmp_path: Path) -> None:
    (tmp_path / "a.backup.part").write_text("half")
    await save(data, tmp_path / "a.backup")
    assert names_in(tmp_path) == ["a.backup", "data"]


async def test_nothing_that_exists_is_replaced(data: Path, tmp_path: Path) -> None:
    archive, other = tmp_path / "a.backup", tmp_path / "other"
    other.write_text("mine")
    with refused("a backup never replaces one"):
        await save(data, other)
    await save(data, archive)
    with refused("is not a directory"):
        await restore(archive, other)
    with refused("is not empty"):
        await restore(archive, data)
    assert other.read_text() == "mine"
    assert (data / "secrets" / "key").read_text() == "hush"


async def test_an_empty_directory_becomes_the_data_directory(data: Path, tmp_path: Path) -> None:
    (tmp_path / "again").mkdir()
    await save(data, tmp_path / "a.backup")
    await restore(tmp_path / "a.backup", tmp_path / "again")
    assert (tmp_path / "again" / "fogbank.toml").is_file()


async def test_an_archive_that_cannot_be_unpacked_changes_nothing(data: Path, tmp_path: Path) -> None:
    archive = tmp_path / "a.backup"
    await save(data, archive)
    with ArchiveReader.open(archive) as reader:
        place = reader._places["files.tar.zst"][0]
    content = bytearray(archive.read_bytes())
    content[place : place + 64] = bytes(64)
    archive.write_bytes(content)
    with pytest.raises(zstandard.ZstdError):
        await restore(archive, tmp_path / "again")  # which was not verified
    assert names_in(tmp_path) == ["a.backup", "data"]
