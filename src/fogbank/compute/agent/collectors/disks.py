"""What is stored on the host's disks."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

from fogbank.compute.agent.collectors.hierarchy import unescaped

FILESYSTEMS = Path("/proc/filesystems")
MOUNTED = Path("/proc/self/mounts")
IMAGES = frozenset({"squashfs", "iso9660", "udf", "cramfs", "erofs"})
"""Filesystems that are read-only images: always full, and counted already where their file lies."""


def used_bytes_of_disks() -> int:
    """What the root filesystem and the data disks hold, each device once. On macOS, the root's container."""
    return sum(_used_bytes(mount) for mount in _mounts())


def _mounts() -> Iterator[str]:
    yield "/"
    if sys.platform == "darwin":
        return
    mounts = list(on_devices(FILESYSTEMS.read_text(), MOUNTED.read_text()))
    seen = {device for device, mount, _ in mounts if mount == "/"}
    for device, mount, kind in mounts:
        # A container sees the host's disk as the device of single files bound into it: those are not its disks.
        if device in seen or kind in IMAGES or not Path(mount).is_dir():
            continue
        seen.add(device)
        yield mount


def on_devices(filesystems: str, mounts: str) -> Iterator[tuple[str, str, str]]:
    """Device, directory and kind of each mounted filesystem that lies on a device, or on several as ZFS does."""
    kinds = {line.strip() for line in filesystems.splitlines() if not line.startswith("nodev")} | {"zfs"}
    for line in mounts.splitlines():
        device, mount, kind, *_ = line.split(" ")
        if kind in kinds and device != "none":
            yield unescaped(device), unescaped(mount), kind


def _used_bytes(mount: str) -> int:
    filesystem = os.statvfs(mount)
    return (filesystem.f_blocks - filesystem.f_bfree) * filesystem.f_frsize
