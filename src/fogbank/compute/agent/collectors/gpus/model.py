"""The GPUs of a host, and how instances name those that they hold. Pure."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

NOTHING = frozenset({"", "none", "void"})
EVERYTHING = "all"
DEVICE_FILE = "/dev/nvidia"


class Gpu(NamedTuple):
    """A GPU. `parts` are the MIG devices that it is parted into, by UUID: where there are any, only they are given out.

    Its device file is `/dev/nvidia` and `minor`, None where the driver does not say. `busy_percent` is None where the
    device does not tell, as with MIG.
    """

    uuid: str
    minor: int | None = None
    busy_percent: int | None = None
    parts: tuple[str, ...] = ()

    @property
    def devices(self) -> tuple[str, ...]:
        """What can be given out of it."""
        return self.parts or (self.uuid,)


class NoSuchGpu(ValueError):
    """A GPU that nobody knows here; the text names it."""


def devices_named(names: str, gpus: Sequence[Gpu]) -> frozenset[str]:
    """The UUIDs of the devices that `names` means, which is written like NVIDIA_VISIBLE_DEVICES.

    With commas between: `all`, a GPU's index, UUID or device file, a MIG device's UUID, or `0:1` for the second part of
    the first GPU; `none`, `void` or nothing for no device. `NoSuchGpu` for any other.
    """
    named = [name.strip() for name in names.split(",")]
    return frozenset(device for name in named if name not in NOTHING for device in _devices(name, gpus))


def _devices(name: str, gpus: Sequence[Gpu]) -> Iterator[str]:
    index, _, part = name.partition(":")
    if name == EVERYTHING:
        yield from (device for gpu in gpus for device in gpu.devices)
    elif any(name == gpu.uuid or name in gpu.parts for gpu in gpus):
        yield name
    elif name.startswith(DEVICE_FILE):
        yield _behind(name, gpus)
    elif index.isdecimal() and int(index) < len(gpus):
        yield from _of_one(name, part, gpus[int(index)])
    else:
        raise NoSuchGpu(f"there is no GPU '{name}' here")


def _behind(file: str, gpus: Sequence[Gpu]) -> str:
    """The GPU of a device file. Of one that is parted, the file is the same for whoever has any part of it."""
    found = [gpu for gpu in gpus if f"{DEVICE_FILE}{gpu.minor}" == file]
    if not found:
        raise NoSuchGpu(f"there is no GPU {file} here")
    if found[0].parts:
        raise NoSuchGpu(f"the GPU {file} is parted, and its file does not say which part is meant")
    return found[0].uuid


def _of_one(name: str, part: str, gpu: Gpu) -> Sequence[str]:
    if not part:
        return gpu.devices
    if part.isdecimal() and int(part) < len(gpu.parts):
        return [gpu.parts[int(part)]]
    raise NoSuchGpu(f"there is no GPU '{name}' here")
