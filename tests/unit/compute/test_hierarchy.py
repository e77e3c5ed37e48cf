"""Where cgroups are mounted is read from the text of /proc/mounts, whatever the distribution made of it."""

import pytest

from fogbank.compute.agent.collectors.hierarchy import (
    Hierarchies,
    Mount,
    NoCgroups,
    hierarchies_of,
)

V2 = """\
proc /proc proc rw,nosuid 0 0
cgroup2 /sys/fs/cgroup cgroup2 rw,nosuid,nodev,noexec,relatime,nsdelegate 0 0
"""
V1 = """\
cgroup /sys/fs/cgroup/cpu,cpuacct cgroup rw,relatime,cpu,cpuacct 0 0
cgroup /sys/fs/cgroup/memory cgroup rw,relatime,memory 0 0
"""
HYBRID = """\
cgroup2 /sys/fs/cgroup/unified cgroup2 rw,relatime 0 0
cgroup /sys/fs/cgroup/cpu cgroup rw,relatime,cpu 0 0
cgroup /sys/fs/cgroup/cpuacct cgroup rw,relatime,cpuacct 0 0
"""


def test_version_2_has_everything_in_one_place() -> None:
    everything = Mount("/sys/fs/cgroup", is_v2=True)
    assert hierarchies_of(V2) == Hierarchies(everything, everything)


def test_version_1_has_a_place_for_each_controller() -> None:
    assert hierarchies_of(V1) == Hierarchies(
        cpu=Mount("/sys/fs/cgroup/cpu,cpuacct", is_v2=False), memory=Mount("/sys/fs/cgroup/memory", is_v2=False)
    )


def test_a_hybrid_has_in_version_2_what_version_1_has_not() -> None:
    assert hierarchies_of(HYBRID) == Hierarchies(
        cpu=Mount("/sys/fs/cgroup/cpuacct", is_v2=False), memory=Mount("/sys/fs/cgroup/unified", is_v2=True)
    )


def test_a_machine_without_cgroups_says_so() -> None:
    with pytest.raises(NoCgroups):
        hierarchies_of("proc /proc proc rw 0 0\n")


def test_a_mount_point_may_have_a_blank_in_it() -> None:
    assert hierarchies_of("cgroup2 /my\\040cgroups cgroup2 rw 0 0\n").cpu.directory == "/my cgroups"
