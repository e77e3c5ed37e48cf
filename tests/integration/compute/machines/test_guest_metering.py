"""A real guest over a real spool: an interval in which it hangs is unmetered, and what it used then is not lost."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.integration.compute.machines.conftest import StartGuest, read, total, until
from tests.integration.compute.test_metering import NODE, NOON, SECOND, sent, tick

from fogbank.compute.agent.collectors.links import Links
from fogbank.compute.agent.collectors.machines.qemu import QemuCollector
from fogbank.compute.agent.collectors.machines.targets import QemuTarget
from fogbank.compute.agent.metering import Metering
from fogbank.compute.agent.model import Counter, Owner
from fogbank.compute.agent.spool import Spool


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    with Spool.open(tmp_path / "spool.db", NODE, NOON) as spool:
        yield spool


@pytest.fixture
def collector(directory: Path) -> Iterator[QemuCollector]:
    collector = QemuCollector([QemuTarget(f"{directory}/*.qmp")], "boot-1", Links())
    yield collector
    collector.close()


def test_a_guest_that_hung_and_began_anew_is_billed_all_that_it_used_and_once(
    start_guest: StartGuest, collector: QemuCollector, spool: Spool
) -> None:
    metering = Metering(NODE, [collector], spool, lambda _: Owner("user_1"))
    guest = start_guest("vm-1")
    metering.begin(tick(0))
    first_us = total(read(collector, "vm-1"), Counter.CPU_US)
    os.kill(guest.process.pid, signal.SIGSTOP)
    hung = metering.tick(tick(30))
    assert hung.failures == ["the guest 'vm-1' cannot be read: its monitor did not answer within 1 s"]
    assert not hung.events
    os.kill(guest.process.pid, signal.SIGCONT)
    until(lambda: total(read(collector, "vm-1"), Counter.CPU_US) > first_us + SECOND // 5)
    metering.tick(tick(60))
    guest.end()
    start_guest("vm-1")
    metering.tick(tick(90))
    second_life_us = total(read(collector, "vm-1"), Counter.CPU_US)
    both, anew = sent(spool)
    assert (both.period.start, both.period.end) == ("2027-01-15T08:00:00Z", "2027-01-15T08:01:00Z")
    assert both.metrics.cpu_seconds >= 0.2
    assert anew.period.start == both.period.end
    assert 0 < anew.metrics.cpu_seconds * SECOND <= second_life_us
    assert [event.sequence for event in (both, anew)] == [1, 2]
