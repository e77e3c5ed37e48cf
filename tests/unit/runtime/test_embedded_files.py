"""Files of embedded servers: who may enter, where a socket fits, and what is private."""

import os
from pathlib import Path

import pytest

from fogbank.runtime.embedded.files import (
    SOCKET_NAME,
    SOCKET_PATH_BYTES_MAX,
    closed_to,
    passable_directory,
    private_directory,
    socket_directory,
    temporary_directory,
    write_private,
)
from fogbank.runtime.failures import ServerFailed

STRANGER = 4_000_000


def test_a_socket_always_fits_and_each_data_directory_has_its_own() -> None:
    short, long = Path("/srv/fogbank"), Path("/srv") / ("x" * 120)
    assert socket_directory(short) == short / "run" / "postgres"
    for directory in (short, long, long / "y"):
        assert len(os.fsencode(socket_directory(directory) / SOCKET_NAME)) <= SOCKET_PATH_BYTES_MAX
    assert socket_directory(long) != socket_directory(long / "y")
    assert socket_directory(long) == socket_directory(long)


def test_the_outermost_directory_that_is_closed_is_named() -> None:
    with temporary_directory() as directory:
        assert closed_to(directory, STRANGER, STRANGER) is None
        inner = directory / "inner" / "innermost"
        inner.mkdir(parents=True)
        inner.parent.chmod(0o700)
        assert closed_to(inner, STRANGER, STRANGER) == inner.parent
        assert closed_to(inner, os.geteuid(), os.getegid()) is None


def test_a_private_directory_that_is_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ServerFailed, match="belongs to another user"):
        private_directory(tmp_path / "link")


def test_a_private_file_is_private_from_its_first_byte_and_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    write_private(path, "first")
    write_private(path, "second")
    assert path.read_text() == "second"
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_a_data_directory_lets_the_database_through_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        made = passable_directory(tmp_path / "data")
    finally:
        os.umask(before)
    assert made.stat().st_mode & 0o777 == 0o711
    made.chmod(0o700)
    assert passable_directory(made).stat().st_mode & 0o777 == 0o700
