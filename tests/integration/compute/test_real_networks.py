"""Real network namespaces: what an instance sent and received is counted at the host's side of its interface, once."""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from tests.integration.compute.kernel import Namespace, living_in, network_namespace, real_cgroup

from fogbank.compute.agent.collectors import CollectorFailed
from fogbank.compute.agent.collectors.boot import boot_id
from fogbank.compute.agent.collectors.cgroups import CgroupCollector, CgroupTarget
from fogbank.compute.agent.collectors.held_files import HeldFiles
from fogbank.compute.agent.collectors.links import Links
from fogbank.compute.agent.model import Counter, Reading
from fogbank.compute.agent.rules import growth_of

COUNT = 4000
LENGTH = 1000
ERROR_MAX = 0.005

pytestmark = pytest.mark.root


@pytest.fixture
def cgroup() -> Iterator[list[Path]]:
    with real_cgroup("/fogbank-test-1") as directories:
        yield directories


@pytest.fixture
def collector(cgroup: list[Path]) -> Iterator[CgroupCollector]:
    assert cgroup
    targets = [CgroupTarget(f"/fogbank-test-{number}", f"vm-{number}", "user_1") for number in (1, 2)]
    collector = CgroupCollector.of_this_machine(targets, boot_id(), HeldFiles.of_this_process())
    yield collector
    collector.close()


def read(collector: CgroupCollector) -> list[Reading]:
    return [collector.sample(instance) for instance in collector.discover()]


def grown(before: Reading, after: Reading) -> tuple[int, int]:
    """Egress and ingress between two readings, in bytes; no counter went back."""
    growth, resets = growth_of(before.counts, after.counts)
    assert resets == ()
    return growth[Counter.EGRESS_BYTES], growth[Counter.INGRESS_BYTES]


def off(measured_bytes: int, really_bytes: int) -> float:
    error = measured_bytes / really_bytes - 1
    print(f"network against what was sent: {really_bytes} bytes, {error:+.3%}")  # noqa: T201 - a measurement, seen with -s
    return abs(error)


def test_traffic_is_what_was_sent_and_received(collector: CgroupCollector, cgroup: list[Path]) -> None:
    with network_namespace(1) as namespace, living_in(cgroup, namespace):
        (before,) = read(collector)
        sent_bytes = namespace.send_out(COUNT, LENGTH)
        received_bytes = namespace.send_in(COUNT // 2, LENGTH)
        (after,) = read(collector)
    egress_bytes, ingress_bytes = grown(before, after)
    assert off(egress_bytes, sent_bytes) <= ERROR_MAX
    assert off(ingress_bytes, received_bytes) <= ERROR_MAX


def test_traffic_is_counted_at_the_hosts_interface(collector: CgroupCollector, cgroup: list[Path]) -> None:
    with network_namespace(1) as namespace, living_in(cgroup, namespace), Links() as links:
        namespace.send_out(10, LENGTH)
        (reading,) = read(collector)
        index = links.index_of(namespace.host_interface)
        received_bytes, sent_bytes = links.read()[index]
    assert reading.counts[Counter.EGRESS_BYTES] == {f"{boot_id()}/{index}": received_bytes}
    assert reading.counts[Counter.INGRESS_BYTES] == {f"{boot_id()}/{index}": sent_bytes}


def test_an_interface_without_a_side_at_the_host_is_counted_from_inside(
    collector: CgroupCollector, cgroup: list[Path]
) -> None:
    with (
        network_namespace(1, joined=False) as namespace,
        network_namespace(2, joined=False) as router,
        living_in(cgroup, namespace),
    ):
        namespace.join(router.name)
        (before,) = read(collector)
        sent_bytes = namespace.send_out(COUNT, LENGTH)
        (after,) = read(collector)
    assert off(grown(before, after)[0], sent_bytes) <= ERROR_MAX


def test_an_interface_that_comes_later_is_counted_from_its_beginning(
    collector: CgroupCollector, cgroup: list[Path]
) -> None:
    with network_namespace(1, joined=False) as namespace, living_in(cgroup, namespace):
        (before,) = read(collector)
        namespace.join()
        sent_bytes = namespace.send_out(COUNT, LENGTH)
        (after,) = read(collector)
        (later,) = read(collector)
    assert off(grown(before, after)[0], sent_bytes) <= ERROR_MAX
    assert grown(after, later)[0] < LENGTH


def test_an_interface_that_comes_while_it_is_looked_at_is_counted_at_the_hosts_side_too(
    collector: CgroupCollector, cgroup: list[Path]
) -> None:
    with network_namespace(1, joined=False) as namespace, living_in(cgroup, namespace), Links() as links:
        (instance,) = collector.discover()
        namespace.join()
        collector.sample(instance)
        namespace.send_out(10, LENGTH)
        (reading,) = read(collector)
        assert reading.counts[Counter.EGRESS_BYTES].keys() == {
            f"{boot_id()}/{links.index_of(namespace.host_interface)}"
        }


def test_a_second_interface_is_counted_beside_the_first(collector: CgroupCollector, cgroup: list[Path]) -> None:
    with network_namespace(1) as namespace, living_in(cgroup, namespace):
        (before,) = read(collector)
        second = Namespace(namespace.name, "fbt9", "192.0.2.61", "192.0.2.62")
        second.join()
        sent_bytes = namespace.send_out(COUNT, LENGTH) + second.send_out(COUNT, LENGTH)
        (after,) = read(collector)
    assert len(after.counts[Counter.EGRESS_BYTES]) == 2
    assert off(grown(before, after)[0], sent_bytes) <= ERROR_MAX


def test_an_instance_made_anew_begins_anew(collector: CgroupCollector, cgroup: list[Path]) -> None:
    with network_namespace(1) as namespace, living_in(cgroup, namespace):
        namespace.send_out(COUNT, LENGTH)
        (first,) = read(collector)
    for directory in cgroup:
        directory.rmdir()
        directory.mkdir()
    with network_namespace(1) as namespace, living_in(cgroup, namespace):
        sent_bytes = namespace.send_out(COUNT // 2, LENGTH)
        (second,) = read(collector)
    assert off(grown(first, second)[0], sent_bytes) <= ERROR_MAX


def test_a_network_that_instances_share_is_counted_once(collector: CgroupCollector, cgroup: list[Path]) -> None:
    with ExitStack() as stack:
        namespace = stack.enter_context(network_namespace(1))
        stack.enter_context(living_in(cgroup, namespace))
        stack.enter_context(living_in(stack.enter_context(real_cgroup("/fogbank-test-2")), namespace))
        first, second = read(collector)
    assert len(first.counts[Counter.EGRESS_BYTES]) == 1
    assert second.counts[Counter.EGRESS_BYTES] == {}


def test_who_is_left_in_a_shared_network_is_not_billed_for_what_was_counted_before(
    collector: CgroupCollector, cgroup: list[Path]
) -> None:
    with network_namespace(1) as namespace, real_cgroup("/fogbank-test-2") as other, living_in(other, namespace):
        with living_in(cgroup, namespace):
            assert len(read(collector)) == 2
        for directory in cgroup:
            directory.rmdir()
        for _ in range(12):
            (left,) = read(collector)
            assert left.counts[Counter.EGRESS_BYTES] == {}


def test_where_the_kernel_shows_no_interfaces_nobody_is_read(collector: CgroupCollector) -> None:
    collector.close()
    with pytest.raises(CollectorFailed, match="interfaces of the host"):
        collector.discover()


def test_an_instance_costs_no_more_than_four_descriptors(collector: CgroupCollector, cgroup: list[Path]) -> None:
    with network_namespace(1) as namespace, living_in(cgroup, namespace):
        collector.discover()
        before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - names alone are asked for
        read(collector)
        assert len(os.listdir("/proc/self/fd")) - before <= 4  # noqa: PTH208
