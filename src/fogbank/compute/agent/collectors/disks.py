"""What is stored on the host's disks."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil

IMAGES = frozenset({"squashfs", "iso9660", "udf", "cramfs", "erofs"})
"""Filesystems that are read-only images: always full, and counted already where their file lies."""


def used_bytes_of_disks() -> int:
    """What the root filesystem and the data disks hold, each device once. On macOS, the root's container."""
    return sum(_used_bytes(mount) for mount in _mounts())


def _mounts() -> Iterator[str]:
    yield "/"
    if sys.platform == "darwin":
        return
    partitions = psutil.disk_partitions(all=False)
    seen = {partition.device for partition in partitions if partition.mountpoint == "/"}
    for partition in partitions:
        # A container sees the host's disk as the device of single files bound into it: those are not its disks.
        if partition.device in seen or partition.fstype in IMAGES or not Path(partition.mountpoint).is_dir():
            continue
        seen.add(partition.device)
        yield partition.mountpoint


def _used_bytes(mount: str) -> int:
    filesystem = os.statvfs(mount)
    return (filesystem.f_blocks - filesystem.f_bfree) * filesystem.f_frsize
