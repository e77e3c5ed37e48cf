"""An agent opens the collectors that its settings ask for, and says which library it lacks for one."""

import sys
from pathlib import Path

import pytest
from tests.tools import needs_module

from fogbank.cli.agent_handover import Handover, decode_handover, encode_handover
from fogbank.compute.agent.collectors import ExtraMissing
from fogbank.compute.agent.collectors.gpus.metered import WithGpus
from fogbank.compute.agent.collectors.gpus.targets import GpuTargets
from fogbank.compute.agent.collectors.host import HostCollector
from fogbank.compute.agent.collectors.machines.qemu import QemuCollector
from fogbank.compute.agent.collectors.machines.targets import QemuTarget
from fogbank.compute.agent.model import Instance
from fogbank.compute.agent.opening import collectors_for
from fogbank.compute.agent.running import AgentSettings

HOST = Instance("host_1", "user_1")
NO_GUESTS = QemuTarget("/nowhere/*.qmp")


def test_each_kind_of_instance_has_its_collector() -> None:
    host, guests = collectors_for("boot-1", host=HOST, qemu=[NO_GUESTS])
    assert isinstance(host, HostCollector)
    assert isinstance(guests, QemuCollector)
    assert guests.discover() == []
    for each in (host, guests):
        each.close()


def test_gpus_are_counted_beside_all_of_them() -> None:
    needs_module("pynvml")
    opened = collectors_for("boot-1", host=HOST, qemu=[NO_GUESTS], gpus=GpuTargets(finds=True))
    assert [type(each) for each in opened] == [WithGpus, WithGpus]
    for each in opened:
        each.close()


@pytest.mark.parametrize(("module", "extra"), [("libvirt", "libvirt"), ("pynvml", "nvidia")])
def test_a_library_that_is_missing_is_said_with_the_extra_that_brings_it(
    monkeypatch: pytest.MonkeyPatch, module: str, extra: str
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ExtraMissing, match=rf"before fogbank\[{extra}\] is installed"):
        collectors_for("boot-1", host=HOST, libvirt="qemu:///system", gpus=GpuTargets() if extra == "nvidia" else None)


def test_the_agent_goes_on_with_all_that_it_was_told_to_measure() -> None:
    settings = AgentSettings(
        node_id="node_1",
        spool_path=Path("/var/lib/fogbank/agent/spool.sqlite"),
        queue_url="nats://127.0.0.1:4222",
        qemu=(NO_GUESTS,),
        libvirt="qemu:///system",
        gpus=GpuTargets({"vm-1": "GPU-a,1"}, finds=True),
    )
    assert decode_handover(encode_handover(Handover(settings, "info", "console"))).settings == settings
