"""What libvirt's XML and figures say of a domain. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple
from xml.etree import ElementTree as ET

from fogbank.compute.agent.model import Instance
from fogbank.kernel.ids import is_id

NAMESPACE = "urn:fogbank:instance"
"""Of `<fogbank:instance xmlns:fogbank="urn:fogbank:instance" id="vm-1" user="user_1" org="org_1"/>` in the metadata."""
KIB = 1024
TAPPED = frozenset({"network", "bridge", "ethernet"})
DIRECT = "direct"

Figures = Mapping[str, Any]
"""One domain's part of `virConnectGetAllDomainStats`, by its names there."""


class FiguresMissing(ValueError):
    """libvirt does not say what is needed; the text names it."""


class Description(NamedTuple):
    """What a domain is made of. Interfaces are named as the host has them, disks as the guest has them.

    `taps` show the host's end of a cable, so what the host received the guest has sent; `macvtaps` show the guest's own
    end; the traffic of `others` only libvirt can tell. `paths` are the writable disks in files and devices of this
    host; the size of `volumes` only libvirt can tell.
    """

    instance: Instance
    cores: int
    taps: tuple[str, ...]
    macvtaps: tuple[str, ...]
    others: tuple[str, ...]
    paths: tuple[str, ...]
    volumes: tuple[str, ...]


class Balloon(NamedTuple):
    """What libvirt knows of a domain's memory, in bytes; None for what nobody told it."""

    configured: int
    left: int
    resident: int | None
    used: int | None


def description_of(xml: str) -> Description:
    """The domain, from its live XML. Its instance id is its UUID, unless the metadata names another that can be one."""
    domain = ET.fromstring(xml)  # noqa: S314 - libvirt wrote it
    interfaces = list(_interfaces(domain))
    disks = list(_writable_disks(domain))
    vcpu = domain.find("vcpu")
    return Description(
        instance=_instance(domain),
        cores=1 if vcpu is None else int(vcpu.get("current") or vcpu.text or 1),
        taps=tuple(name for kind, name in interfaces if kind in TAPPED),
        macvtaps=tuple(name for kind, name in interfaces if kind == DIRECT),
        others=tuple(name for kind, name in interfaces if kind not in TAPPED and kind != DIRECT),
        paths=tuple(path for _, path in disks if path),
        volumes=tuple(target for target, path in disks if not path),
    )


def _instance(domain: ET.Element) -> Instance:
    uuid = domain.findtext("uuid", "")
    named = domain.find(f"metadata/{{{NAMESPACE}}}instance")
    if named is None:
        return Instance(uuid)
    user_id, org_id = (value if is_id(value) else "" for value in (named.get("user", ""), named.get("org", "")))
    identifier = named.get("id", "")
    return Instance(identifier if is_id(identifier) else uuid, user_id, org_id or None)


def _interfaces(domain: ET.Element) -> Iterator[tuple[str, str]]:
    """Kind and name of the interfaces that have one on the host."""
    for interface in domain.iterfind("devices/interface"):
        target = interface.find("target")
        if target is not None and target.get("dev"):
            yield interface.get("type", ""), target.get("dev", "")


def _writable_disks(domain: ET.Element) -> Iterator[tuple[str, str]]:
    """Target and path of the disks that are the domain's own; the path is empty where the disk is no file of ours.

    What a disk is layered upon, such as a template, is not looked at: it is not this domain's.
    """
    for disk in domain.iterfind("devices/disk"):
        source = disk.find("source")
        if source is None or disk.find("readonly") is not None:
            continue
        target = disk.find("target")
        name = "" if target is None else target.get("dev", "")
        yield name, source.get("file") or source.get("dev") or ""


def cpu_us_of(figures: Figures) -> int:
    return int(_figure(figures, "cpu.time")) // 1000


def balloon_of(figures: Figures) -> Balloon:
    configured, left = _figure(figures, "balloon.maximum"), _figure(figures, "balloon.current")
    resident = figures.get("balloon.rss")
    seen, usable = figures.get("balloon.available", -1), figures.get("balloon.usable", -1)
    is_told = 0 <= usable <= seen <= configured
    return Balloon(
        configured=configured * KIB,
        left=left * KIB,
        resident=None if resident is None else resident * KIB,
        used=(seen - usable) * KIB if is_told else None,
    )


def traffic_of(figures: Figures, interface: str) -> tuple[int, int]:
    """Bytes out of and into the guest through an interface that the host has no counters of."""
    prefix = _entry(figures, "net", interface)
    return _figure(figures, f"{prefix}.tx.bytes"), _figure(figures, f"{prefix}.rx.bytes")


def volume_bytes_of(figures: Figures, target: str) -> int:
    """What a disk that is no file of this host occupies, as QEMU tells it."""
    return _figure(figures, f"{_entry(figures, 'block', target)}.physical")


def _entry(figures: Figures, kind: str, name: str) -> str:
    for index in range(figures.get(f"{kind}.count", 0)):
        if figures.get(f"{kind}.{index}.name") == name:
            return f"{kind}.{index}"
    raise FiguresMissing(f"libvirt does not speak of its {kind} {name}")


def _figure(figures: Figures, name: str) -> int:
    value = figures.get(name)
    if not isinstance(value, int):
        raise FiguresMissing(f"libvirt does not say its {name}")
    return value
