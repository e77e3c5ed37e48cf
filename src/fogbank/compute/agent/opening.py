"""Opening the collectors that an agent's settings ask for."""

from collections.abc import Callable, Sequence

from fogbank.compute.agent.collectors import Collector
from fogbank.compute.agent.collectors.cgroups import CgroupCollector, CgroupTarget
from fogbank.compute.agent.collectors.containers.targets import RuntimeTarget
from fogbank.compute.agent.collectors.gpus.holdings import AllOfHost, Assigned, Given, PassedThrough
from fogbank.compute.agent.collectors.gpus.metered import WithGpus
from fogbank.compute.agent.collectors.gpus.nvml import Nvml
from fogbank.compute.agent.collectors.gpus.targets import GpuTargets
from fogbank.compute.agent.collectors.held_files import HeldFiles
from fogbank.compute.agent.collectors.links import Links
from fogbank.compute.agent.collectors.machines.qemu import QemuCollector
from fogbank.compute.agent.collectors.machines.targets import QemuTarget
from fogbank.compute.agent.model import Instance

Beside = Callable[..., Collector]
"""Adds GPU time to a collector, by the ways behind it to find out what its instances hold."""


def collectors_for(
    boot_id: str,
    *,
    host: Instance | None = None,
    cgroups: Sequence[CgroupTarget] = (),
    qemu: Sequence[QemuTarget] = (),
    libvirt: str = "",
    containers: Sequence[RuntimeTarget] = (),
    volumes: Sequence[str] = (),
    gpus: GpuTargets | None = None,
) -> list[Collector]:
    """One collector for each kind of instance, with GPU time beside it where that is asked for.

    `NoCgroups` or `ExtraMissing` where one cannot be opened.
    """
    beside = _gpus_beside(gpus, boot_id)
    held = HeldFiles.of_this_process()
    collectors: list[Collector] = []
    if libvirt:
        collectors.append(_domains(libvirt, boot_id, beside))
    if host is not None:
        collectors.append(_host(host, boot_id, beside))
    if qemu:
        guests = QemuCollector(qemu, boot_id, Links())
        collectors.append(beside(guests, PassedThrough(guests.process_of)))
    if cgroups:
        # What a cgroup holds cannot be found out: there are only those that the settings assign.
        collectors.append(beside(CgroupCollector.of_this_machine(cgroups, boot_id, held)))
    if containers:
        collectors.append(_containers(containers, volumes, boot_id, held, beside))
    return collectors


def _gpus_beside(gpus: GpuTargets | None, boot_id: str) -> Beside:
    """Adds the devices that are assigned, and those that are found where these are wanted."""
    if gpus is None:
        return lambda collector, *_: collector
    nvml = Nvml()
    assigned = Assigned(gpus.assigned)
    return lambda collector, *found: WithGpus(collector, (assigned, *(found if gpus.finds else ())), nvml, boot_id)


def _host(host: Instance, boot_id: str, beside: Beside) -> Collector:
    # An agent is small: what a kind of instance brings with it is loaded only where there are such.
    from fogbank.compute.agent.collectors.host import HostCollector  # noqa: PLC0415

    return beside(HostCollector(host, boot_id), AllOfHost())


def _containers(
    targets: Sequence[RuntimeTarget], volumes: Sequence[str], boot_id: str, held: HeldFiles, beside: Beside
) -> Collector:
    from fogbank.compute.agent.collectors.containers.runtimes import containers_of_this_machine  # noqa: PLC0415

    containers = containers_of_this_machine(targets, volumes, boot_id, held)
    return beside(containers, Given(containers.gpus_of))


def _domains(uri: str, boot_id: str, beside: Beside) -> Collector:
    # XML alone is more than a megabyte.
    from fogbank.compute.agent.collectors.machines.asking import Libvirt  # noqa: PLC0415
    from fogbank.compute.agent.collectors.machines.libvirt import LibvirtCollector  # noqa: PLC0415

    domains = LibvirtCollector(Libvirt(uri), boot_id, Links())
    return beside(domains, PassedThrough(domains.process_of))
