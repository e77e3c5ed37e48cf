"""GPUs that a virtual machine has whole, by VFIO: the host's driver knows nothing of them, sysfs does."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

SYS = Path("/sys")
NVIDIA = "0x10de"
DISPLAY_CLASS = "0x03"
"""PCI's class of display controllers. The sound device of the same card is of another."""
GROUP = re.compile(r"/dev/vfio/(\d+)")
DEVICE = re.compile(r"/dev/vfio/devices/(vfio\d+)")


def gpus_behind(vfio_files: Iterable[str], sys: Path = SYS) -> frozenset[str]:
    """PCI addresses of the NVIDIA GPUs behind files that a guest's process holds open: IOMMU groups, or devices."""
    return frozenset(device.name for file in vfio_files for device in _devices(file, sys) if _is_gpu(device))


def _devices(file: str, sys: Path) -> Iterator[Path]:
    if group := GROUP.fullmatch(file):
        yield from (sys / "kernel/iommu_groups" / group[1] / "devices").iterdir()
    elif device := DEVICE.fullmatch(file):
        yield (sys / "class/vfio-dev" / device[1] / "device").resolve()


def _is_gpu(device: Path) -> bool:
    vendor, kind = ((device / name).read_text().strip() for name in ("vendor", "class"))
    return vendor == NVIDIA and kind.startswith(DISPLAY_CLASS)
