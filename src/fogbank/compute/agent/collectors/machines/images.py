"""What a disk of a guest takes of the host's storage."""

import os
import stat

from fogbank.compute.agent.collectors.allocated import ST_BLOCK_BYTES

SYS_DEV_BLOCK = "/sys/dev/block"
SECTOR_BYTES = 512
"""The unit of a block device's `size` in sysfs, whatever its sectors really are."""


def stored_bytes(path: str) -> int:
    """What a file occupies, holes not counted; a device is occupied whole. `OSError` where it is not there."""
    found = os.stat(path)  # noqa: PTH116 - on the hot path
    if not stat.S_ISBLK(found.st_mode):
        return found.st_blocks * ST_BLOCK_BYTES
    device = f"{os.major(found.st_rdev)}:{os.minor(found.st_rdev)}"
    with open(f"{SYS_DEV_BLOCK}/{device}/size", encoding="ascii") as size:  # noqa: PTH123
        return int(size.read()) * SECTOR_BYTES
