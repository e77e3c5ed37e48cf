"""What libvirt says of a domain: whose it is, what it is made of, and what of that the host itself can measure."""

import pytest

from fogbank.compute.agent.collectors.machines.domains import (
    FiguresMissing,
    balloon_of,
    cpu_us_of,
    description_of,
    traffic_of,
    volume_bytes_of,
)
from fogbank.compute.agent.model import Instance

UUID = "6b1e7f3c-6f5e-4b8b-9f0e-0c1d2e3f4a5b"
DEVICES = """
<interface type='bridge'><target dev='vnet0'/></interface>
<interface type='direct'><target dev='macvtap0'/></interface>
<interface type='vhostuser'><target dev='vhu0'/></interface>
<interface type='user'/>
<disk device='disk'><source file='/images/a.qcow2'/><backingStore><source file='/images/template'/></backingStore>
  <target dev='vda'/></disk>
<disk device='disk'><source dev='/dev/vg/b'/><target dev='vdb'/></disk>
<disk device='disk'><source protocol='rbd' name='pool/c'/><target dev='vdc'/></disk>
<disk device='cdrom'><source file='/images/d.iso'/><target dev='hda'/><readonly/></disk>
<disk device='cdrom'><target dev='hdb'/><readonly/></disk>
"""


def domain(metadata: str = "", devices: str = "", vcpu: str = "<vcpu>4</vcpu>") -> str:
    named = f"<name>a</name><uuid>{UUID}</uuid><metadata>{metadata}</metadata>"
    return f"<domain type='kvm' id='1'>{named}{vcpu}<devices>{devices}</devices></domain>"


def metadata(attributes: str) -> str:
    return f'<fogbank:instance xmlns:fogbank="urn:fogbank:instance" {attributes}/>'


@pytest.mark.parametrize(
    ("said", "instance"),
    [
        ("", Instance(UUID)),
        (metadata('id="vm-1" user="user_1" org="org_1"'), Instance("vm-1", "user_1", "org_1")),
        (metadata('user="user_1"'), Instance(UUID, "user_1")),
        (metadata('id="no id" user="nor this" org=""'), Instance(UUID)),
        ('<instance id="vm-1" user="of another namespace"/>', Instance(UUID)),
    ],
)
def test_metadata_names_the_instance_and_its_owner(said: str, instance: Instance) -> None:
    assert description_of(domain(said)).instance == instance


def test_disks_and_interfaces_are_told_apart_by_who_can_measure_them() -> None:
    described = description_of(domain(devices=DEVICES))
    assert described.taps == ("vnet0",)
    assert described.macvtaps == ("macvtap0",)
    assert described.others == ("vhu0",)
    assert described.paths == ("/images/a.qcow2", "/dev/vg/b")
    assert described.volumes == ("vdc",)


def test_cores_are_those_plugged_in() -> None:
    assert description_of(domain()).cores == 4
    assert description_of(domain(vcpu="<vcpu current='2'>4</vcpu>")).cores == 2


def test_what_nobody_told_of_memory_is_missing() -> None:
    assert balloon_of({"balloon.current": 1024, "balloon.maximum": 4096}) == (4 << 20, 1 << 20, None, None)


def test_what_the_guest_reports_of_its_memory_is_believed_where_it_can_be() -> None:
    figures = {"balloon.current": 4096, "balloon.maximum": 4096, "balloon.rss": 4096}
    assert balloon_of({**figures, "balloon.available": 4000, "balloon.usable": 3000}).used == 1000 * 1024
    assert balloon_of({**figures, "balloon.available": 4097, "balloon.usable": 5}).used is None


def test_figures_are_found_by_the_name_of_their_device() -> None:
    figures = {
        "cpu.time": 1_234_567_890,
        "net.count": 2,
        "net.0.name": "vnet0",
        "net.1.name": "vhu0",
        "net.1.rx.bytes": 7,
        "net.1.tx.bytes": 9,
        "block.count": 1,
        "block.0.name": "vdc",
        "block.0.physical": 4096,
    }
    assert cpu_us_of(figures) == 1_234_567
    assert traffic_of(figures, "vhu0") == (9, 7)
    assert volume_bytes_of(figures, "vdc") == 4096


def test_what_libvirt_does_not_say_is_no_reading() -> None:
    with pytest.raises(FiguresMissing, match=r"cpu\.time"):
        cpu_us_of({})
    with pytest.raises(FiguresMissing, match="net vhu0"):
        traffic_of({"net.count": 1, "net.0.name": "vnet0"}, "vhu0")
    with pytest.raises(FiguresMissing, match=r"block\.0\.physical"):
        volume_bytes_of({"block.count": 1, "block.0.name": "vdc"}, "vdc")
