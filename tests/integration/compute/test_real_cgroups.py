"""Real cgroups, made and burned: what the collector reads is what the kernel charged to the processes in them."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from fogbank.compute.agent.collectors.boot import boot_id
from fogbank.compute.agent.collectors.cgroups import MOUNTS, CgroupCollector, CgroupTarget
from fogbank.compute.agent.collectors.hierarchy import NoCgroups, hierarchies_of
from fogbank.compute.agent.model import Counter, Reading
from fogbank.compute.agent.rules import growth_of

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
used()
sys.stdin.readline()
kept = bytearray(os.urandom(64 << 20))
for _ in range(20):
    if os.fork() == 0:
        os._exit(sum(range(100_000)) & 0)
    os.wait()
while resource.getrusage(resource.RUSAGE_SELF).ru_utime < 1.0:
    sum(range(10_000))
used()
sys.stdin.readline()
"""

pytestmark = pytest.mark.root


@pytest.fixture
def cgroup() -> Iterator[list[Path]]:
    """The directories of a fresh cgroup, one per hierarchy that accounts for something."""
    if not MOUNTS.exists():
        pytest.skip("this system has no cgroups")
    if os.geteuid() != 0:
        pytest.skip("only root may make cgroups here")
    try:
        hierarchies = hierarchies_of(MOUNTS.read_text())
    except NoCgroups as none:
        pytest.skip(str(none))
    directories = [Path(root + PATH) for root in {hierarchies.cpu.directory, hierarchies.memory.directory}]
    try:
        for directory in directories:
            directory.mkdir(exist_ok=True)
    except OSError as error:
        pytest.skip(f"the cgroup hierarchy cannot be written: {error}")
    if hierarchies.memory.is_v2 and not (Path(hierarchies.memory.directory + PATH) / "memory.current").exists():
        pytest.skip("the memory controller is not given to cgroups below the root here")
    yield directories
    for directory in directories:
        with suppress(FileNotFoundError):
            directory.rmdir()


def read(collector: CgroupCollector) -> Reading:
    (instance,) = collector.discover()
    return collector.sample(instance)


@pytest.fixture
def collector(cgroup: list[Path]) -> Iterator[CgroupCollector]:
    assert cgroup
    collector = CgroupCollector.of_this_machine([CgroupTarget(PATH, "vm-1", "user_1")], boot_id())
    yield collector
    collector.close()


def test_cpu_is_what_the_processes_used_short_lived_children_included(
    cgroup: list[Path], collector: CgroupCollector
) -> None:
    members = [str(directory / "cgroup.procs") for directory in cgroup]
    with subprocess.Popen(
        [sys.executable, "-c", BURN, *members], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as burner:
        assert burner.stdin is not None
        assert burner.stdout is not None
        used_before_seconds = float(burner.stdout.readline())
        before = read(collector)
        burner.stdin.write("\n")
        burner.stdin.flush()
        used_seconds = float(burner.stdout.readline()) - used_before_seconds
        after = read(collector)
        burner.stdin.write("\n")
    growth, _ = growth_of(before.counts, after.counts)
    error = growth[Counter.CPU_US] / 1e6 / used_seconds - 1
    print(f"CPU by cgroup against rusage: {used_seconds:.3f} s, {error:+.3%}")  # noqa: T201 - a measurement, seen with -s
    assert abs(error) < 0.05
    assert after.memory_bytes - before.memory_bytes > 60 << 20


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
