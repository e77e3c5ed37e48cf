"""Trees: what was there is there again with its mode, and nothing ever lands outside."""

import io
import os
import tarfile
from pathlib import Path

import pytest

from fogbank.backup.errors import BackupFailed
from fogbank.backup.trees import entries_of, extract_tree, write_tree


def everything(_: Path) -> bool:
    return True


def archived(directory: Path) -> io.BytesIO:
    file = io.BytesIO()
    write_tree(entries_of(directory, everything), file)
    file.seek(0)
    return file


def test_files_directories_links_and_modes_are_as_they_were(tmp_path: Path) -> None:
    there, again = tmp_path / "there", tmp_path / "again"
    (there / "secrets").mkdir(parents=True, mode=0o700)
    (there / "empty").mkdir()
    (there / "secrets" / "key").write_text("hush")
    (there / "secrets" / "key").chmod(0o600)
    (there / "link").symlink_to("secrets/key")
    os.mkfifo(there / "pipe")
    again.mkdir()
    extract_tree(archived(there), again)
    assert (again / "link").read_text() == "hush"
    assert (again / "empty").is_dir()
    assert (again / "secrets" / "key").stat().st_mode & 0o777 == 0o600
    assert (again / "secrets").stat().st_mode & 0o777 == 0o700
    assert not (again / "pipe").exists()


def test_what_is_gone_when_its_turn_comes_is_left_out_only_where_that_is_allowed(tmp_path: Path) -> None:
    file, gone = io.BytesIO(), [("gone", tmp_path / "gone")]
    with pytest.raises(FileNotFoundError):
        write_tree(gone, io.BytesIO())
    write_tree(gone, file, may_go=True)
    with tarfile.open(fileobj=io.BytesIO(file.getvalue())) as tar:
        assert tar.getnames() == []


@pytest.mark.parametrize(
    ("name", "target"), [("../out", ""), ("/out", ""), ("a/../../out", ""), ("link", "/etc"), ("a/link", "../../out")]
)
def test_what_would_land_outside_is_refused(name: str, target: str, tmp_path: Path) -> None:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as tar:
        entry = tarfile.TarInfo(name)
        entry.type, entry.linkname = (tarfile.SYMTYPE, target) if target else (tarfile.REGTYPE, "")
        tar.addfile(entry)
    file.seek(0)
    inside = tmp_path / "inside"
    inside.mkdir()
    with pytest.raises(BackupFailed, match="does not stay in its directory"):
        extract_tree(file, inside)
    assert sorted(tmp_path.iterdir()) == [inside]
