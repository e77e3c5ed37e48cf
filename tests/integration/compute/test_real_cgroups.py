"""Real cgroups, made and burned: what the collector reads is what the kernel charged to the processes in them."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.integration.compute.kernel import real_cgroup

from fogbank.compute.agent.collectors import CollectorFailed
from fogbank.compute.agent.collectors.boot import boot_id
from fogbank.compute.agent.collectors.cgroups import CgroupCollector, CgroupTarget
from fogbank.compute.agent.collectors.held_files import HeldFiles
from fogbank.compute.agent.model import Counter, Reading
from fogbank.compute.agent.rules import growth_of

BURN_SECONDS = float(os.environ.get("FOGBANK_TEST_BURN_SECONDS", "2"))
ERROR_MAX = 0.001
LIMITS = ("memory.max", "memory.limit_in_bytes")
PATH = "/fogbank-test"
BURN = """
import os, resource, sys
open_files = [open(path, "w") for path in sys.argv[1:]]
for file in open_files:
    file.write(str(os.getpid()))
    file.close()
def used():
    both = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    print(sum(each.ru_utime + each.ru_stime for each in both), flush=True)
kept = bytearray(os.urandom(64 << 20))
used()
seconds = float(sys.stdin.readline())
while sum(resource.getrusage(who).ru_utime for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) < seconds:
    if os.fork() == 0:
        os._exit(sum(range(500_000)) & 0)
    os.wait()
    sum(range(500_000))
used()
sys.stdin.readline()
"""

pytestmark = pytest.mark.root


@pytest.fixture
def cgroup() -> Iterator[list[Path]]:
    with real_cgroup(PATH) as directories:
        yield directories


def read(collector: CgroupCollector) -> Reading:
    (instance,) = collector.discover()
    return collector.sample(instance)


@pytest.fixture(params=[1, 0], ids=["held open", "opened at each look"])
def collector(cgroup: list[Path], request: pytest.FixtureRequest) -> Iterator[CgroupCollector]:
    assert cgroup
    at_most: int = request.param
    collector = CgroupCollector.of_this_machine([CgroupTarget(PATH, "vm-1", "user_1")], boot_id(), HeldFiles(at_most))
    yield collector
    collector.close()


@contextmanager
def burner(cgroup: list[Path]) -> Iterator[Callable[[str], float]]:
    """A process in the cgroup: a function that writes it a line, and returns how many CPU seconds it used so far."""
    members = [str(directory / "cgroup.procs") for directory in cgroup]
    with subprocess.Popen(
        [sys.executable, "-c", BURN, *members], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        tell, told = process.stdin, process.stdout

        def used_seconds(order: str) -> float:
            tell.write(order)
            tell.flush()
            return float(told.readline())

        yield used_seconds
        tell.write("\n")


def test_cpu_is_what_the_processes_used_short_lived_children_included(
    cgroup: list[Path], collector: CgroupCollector
) -> None:
    with burner(cgroup) as used_seconds:
        used_before_seconds = used_seconds("")
        before = read(collector)
        burned_seconds = used_seconds(f"{BURN_SECONDS}\n") - used_before_seconds
        after = read(collector)
    growth, _ = growth_of(before.counts, after.counts)
    error = growth[Counter.CPU_US] / 1e6 / burned_seconds - 1
    print(f"CPU by cgroup against rusage: {burned_seconds:.3f} s, {error:+.3%}")  # noqa: T201 - a measurement, seen with -s
    assert abs(error) <= ERROR_MAX
    assert after.memory_bytes > 60 << 20


def test_a_cgroup_burned_and_made_anew_is_another_generation(cgroup: list[Path], collector: CgroupCollector) -> None:
    first = read(collector)
    for directory in cgroup:
        directory.rmdir()
    assert collector.discover() == []
    for directory in cgroup:
        directory.mkdir()
    second = read(collector)
    assert first.counts[Counter.CPU_US].keys().isdisjoint(second.counts[Counter.CPU_US])


def test_a_cgroup_burned_between_two_looks_is_seen_for_what_it_is(
    cgroup: list[Path], collector: CgroupCollector
) -> None:
    first = read(collector)
    (instance,) = collector.discover()
    for directory in cgroup:
        directory.rmdir()
        directory.mkdir()
    second = collector.sample(instance)
    assert first.counts[Counter.CPU_US].keys().isdisjoint(second.counts[Counter.CPU_US])


def test_a_cgroup_that_is_gone_is_no_reading(cgroup: list[Path], collector: CgroupCollector) -> None:
    read(collector)
    (instance,) = collector.discover()
    for directory in cgroup:
        directory.rmdir()
    with pytest.raises(CollectorFailed, match="vm-1"):
        collector.sample(instance)


def test_a_limit_is_seen_within_ten_looks(cgroup: list[Path], collector: CgroupCollector) -> None:
    read(collector)
    (limit,) = [path for each in cgroup for name in LIMITS if (path := each / name).exists()]
    limit.write_text(str(256 << 20))
    assert 256 << 20 in [read(collector).memory_capacity_bytes for _ in range(10)]
