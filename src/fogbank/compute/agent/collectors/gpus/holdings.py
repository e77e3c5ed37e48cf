"""Where it is written which GPUs an instance holds: in the settings, in a container's specification, in a process."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Protocol

from fogbank.compute.agent.collectors.gpus.model import Gpu, devices_named
from fogbank.compute.agent.collectors.gpus.passed import SYS, gpus_behind
from fogbank.compute.agent.collectors.machines.processes import GuestProcess
from fogbank.compute.agent.model import Instance

See = Callable[[], Sequence[Gpu]]
"""The GPUs that the host's driver knows; `NvmlFailed` where it does not say. Not called for those who hold none."""


class Held(NamedTuple):
    """Devices that an instance holds now. `since_us` is when it began to live, on the clock of this boot, if known."""

    devices: frozenset[str] = frozenset()
    since_us: int | None = None


class Holdings(Protocol):
    """A way to tell what an instance holds."""

    def held_by(self, instance: Instance, see: See) -> Held:
        """`NoSuchGpu`, `NvmlFailed` or `OSError` where that cannot be told."""
        ...


@dataclass(frozen=True, slots=True)
class Assigned:
    """By instance, the devices as `devices_named` reads them: what an operator has written down."""

    names: Mapping[str, str]

    def held_by(self, instance: Instance, see: See) -> Held:
        names = self.names.get(instance.id)
        return Held(devices_named(names, see())) if names else Held()


@dataclass(frozen=True, slots=True)
class AllOfHost:
    """Every GPU whole, for the instance that is the host."""

    def held_by(self, instance: Instance, see: See) -> Held:  # noqa: ARG002 - the host is the only one
        return Held(frozenset(gpu.uuid for gpu in see()))


@dataclass(frozen=True, slots=True)
class Given:
    """What a container was given by its runtime: names as `devices_named` reads them, empty where there is none."""

    names_of: Callable[[Instance], str]

    def held_by(self, instance: Instance, see: See) -> Held:
        names = self.names_of(instance)
        return Held(devices_named(names, see())) if names else Held()


@dataclass(frozen=True, slots=True)
class PassedThrough:
    """What a virtual machine has whole, by the VFIO files that its process holds open."""

    process_of: Callable[[Instance], GuestProcess | None]
    sys: Path = SYS

    def held_by(self, instance: Instance, see: See) -> Held:  # noqa: ARG002 - the host's driver does not see them
        process = self.process_of(instance)
        if process is None:
            return Held()
        return Held(gpus_behind(process.held().vfio, self.sys), process.started_us)
