"""Opening the collectors that an agent's settings ask for."""

from collections.abc import Sequence

from fogbank.compute.agent.collectors import Collector
from fogbank.compute.agent.collectors.cgroups import CgroupCollector, CgroupTarget
from fogbank.compute.agent.collectors.gpus.holdings import AllOfHost, Assigned, Holdings, PassedThrough
from fogbank.compute.agent.collectors.gpus.metered import WithGpus
from fogbank.compute.agent.collectors.gpus.nvml import Nvml
from fogbank.compute.agent.collectors.gpus.targets import GpuTargets
from fogbank.compute.agent.collectors.host import HostCollector
from fogbank.compute.agent.collectors.kernel_files import allow_many_files
from fogbank.compute.agent.collectors.links import Links
from fogbank.compute.agent.collectors.machines.qemu import QemuCollector
from fogbank.compute.agent.collectors.machines.targets import QemuTarget
from fogbank.compute.agent.model import Instance


def collectors_for(
    boot_id: str,
    *,
    host: Instance | None = None,
    cgroups: Sequence[CgroupTarget] = (),
    qemu: Sequence[QemuTarget] = (),
    libvirt: str = "",
    gpus: GpuTargets | None = None,
) -> list[Collector]:
    """One collector for each kind of instance, with GPU time beside it where that is asked for.

    `NoCgroups` or `ExtraMissing` where one cannot be opened.
    """
    collectors: list[Collector] = []
    if host is not None:
        collectors.append(_with_gpus(HostCollector(host, boot_id), gpus, boot_id, AllOfHost()))
    if libvirt:
        collectors.append(_domains(libvirt, boot_id, gpus))
    if qemu:
        allow_many_files()
        guests = QemuCollector(qemu, boot_id, Links())
        collectors.append(_with_gpus(guests, gpus, boot_id, PassedThrough(guests.process_of)))
    if cgroups:
        allow_many_files()
        # What a cgroup holds cannot be found out: there are only those that the settings assign.
        collectors.append(_with_gpus(CgroupCollector.of_this_machine(cgroups, boot_id), gpus, boot_id))
    return collectors


def _domains(uri: str, boot_id: str, gpus: GpuTargets | None) -> Collector:
    # An agent is small, and XML alone is more than a megabyte of it: that is loaded only where there are domains.
    from fogbank.compute.agent.collectors.machines.libvirt import LibvirtCollector  # noqa: PLC0415

    allow_many_files()
    domains = LibvirtCollector(uri, boot_id, Links())
    return _with_gpus(domains, gpus, boot_id, PassedThrough(domains.process_of))


def _with_gpus(collector: Collector, gpus: GpuTargets | None, boot_id: str, *found: Holdings) -> Collector:
    """The collector, counting the devices that are assigned, and those that are found where these are wanted."""
    if gpus is None:
        return collector
    holdings = (Assigned(gpus.assigned), *(found if gpus.finds else ()))
    return WithGpus(collector, holdings, Nvml(), boot_id)
