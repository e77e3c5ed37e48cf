"""A disk in a file takes what the file occupies; one that is a device takes the device, whole."""

import os
import stat
from pathlib import Path

import pytest
from tests.tools import needs_root

from fogbank.compute.agent.collectors.machines.images import stored_bytes

MIB = 1 << 20


def test_holes_in_a_file_are_not_stored(tmp_path: Path) -> None:
    with (tmp_path / "sparse.img").open("wb") as image:
        image.write(bytes(MIB))
        image.truncate(100 * MIB)
    assert MIB <= stored_bytes(str(tmp_path / "sparse.img")) < 2 * MIB


def test_what_is_not_there_is_not_empty(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        stored_bytes(str(tmp_path / "gone.img"))


@pytest.mark.root
def test_a_device_is_stored_whole(tmp_path: Path) -> None:
    needs_root()
    devices = sorted(Path("/sys/class/block").iterdir())
    if not devices:
        pytest.skip("this machine has no block device")
    major, _, minor = (devices[0] / "dev").read_text().strip().partition(":")
    node = tmp_path / "disk"
    try:
        os.mknod(node, stat.S_IFBLK | 0o600, os.makedev(int(major), int(minor)))
    except PermissionError:
        pytest.skip("no device file may be made here")
    assert stored_bytes(str(node)) == int((devices[0] / "size").read_text()) * 512
