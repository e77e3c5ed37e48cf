"""Which GPUs a container was given, by the OCI specification that its runtime was started with. Pure.

The environment alone says nothing: images set NVIDIA_VISIBLE_DEVICES for themselves, and what runs in a container may
change its own. It counts where NVIDIA's hook reads it; else the device files count that the runtime makes.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

VISIBLE = "NVIDIA_VISIBLE_DEVICES="
HOOK = "nvidia"
DEVICE_FILE = re.compile(r"/dev/nvidia\d+")


class Process(Struct):
    env: list[str] | None = None


class Hook(Struct):
    path: str = ""


class Device(Struct):
    path: str = ""


class Linux(Struct):
    devices: list[Device] | None = None


class GpuSpecification(Struct):
    """As much of a `config.json` as says something about GPUs."""

    process: Process | None = None
    hooks: dict[str, list[Hook] | None] | None = None
    linux: Linux | None = None

    def gpu_names(self) -> str:
        """Their names with commas between, as `devices_named` reads them; empty where it was given none."""
        if any(HOOK in hook.path for hook in _hooks(self.hooks or {})):
            return _visible(self.process.env or () if self.process else ())
        devices = self.linux.devices or () if self.linux else ()
        return ",".join(sorted(each.path for each in devices if DEVICE_FILE.fullmatch(each.path)))


def _hooks(hooks: Mapping[str, Sequence[Hook] | None]) -> Iterator[Hook]:
    for each in hooks.values():
        yield from each or ()


def _visible(environment: Sequence[str]) -> str:
    """The last one counts, as it does for the hook."""
    values = [each.removeprefix(VISIBLE) for each in environment if each.startswith(VISIBLE)]
    return values[-1] if values else ""
