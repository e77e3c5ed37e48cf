"""More cgroups than a process may hold files for: all of them are read, whatever else takes files meanwhile."""

import os
import resource
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from tests.integration.compute.conftest import FakeMachine

from fogbank.compute.agent.collectors.cgroups import CgroupCollector, CgroupTarget
from fogbank.compute.agent.collectors.held_files import FILES_PER_HOLDER, HeldFiles, holders_max
from fogbank.compute.agent.model import Counter, Instance

CGROUPS = 100
FILES_ALLOWED = 128
ALL = CgroupTarget("/machines/*", "", "user_1")
TESTS = Path(__file__).parents[3]


def test_so_many_hold_files_that_room_is_left_for_all_else() -> None:
    assert holders_max(131_072) == 43_349
    assert holders_max(20_000) == 6_325
    assert holders_max(1_024) == 170
    assert holders_max(64) == 10


def test_a_cgroup_takes_the_place_of_one_that_is_gone(tmp_path: Path) -> None:
    machine, held = FakeMachine(tmp_path, "v2"), HeldFiles(1)
    machine.cgroup("/machines/a", cpu_us=1)
    machine.cgroup("/machines/b", cpu_us=2)
    collector = machine.collector(ALL, held=held)
    look(collector)
    before = open_files()
    for directory in machine.directories("/machines/a"):
        directory.rename(tmp_path / f"gone-{directory.name}")
    for expected in ({"b": 2}, {"b": 2}):
        assert look(collector) == expected
        assert open_files() == before
    collector.close()
    assert open_files() == before - FILES_PER_HOLDER


@pytest.mark.parametrize("kind", ["v1", "v2", "hybrid"])
def test_more_cgroups_than_files_are_all_read_whatever_else_takes_files(tmp_path: Path, kind: str) -> None:
    machine = FakeMachine(tmp_path, kind)
    for number in range(CGROUPS):
        machine.cgroup(f"/machines/vm-{number:03}", cpu_us=number)
    child = subprocess.run(
        [sys.executable, "-m", __name__, str(tmp_path), kind],
        env=os.environ | {"PYTHONPATH": str(TESTS)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert child.returncode == 0, child.stderr
    assert "files_scarce" in child.stdout + child.stderr


def in_a_process_of_few_files(root: Path, kind: str) -> None:
    """Look at a hundred cgroups: with files left, with none left, with none left again, and after all that."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (FILES_ALLOWED, FILES_ALLOWED))
    collector = FakeMachine(root, kind).collector(ALL, held=HeldFiles.of_this_process())
    expected = {f"vm-{number:03}": number for number in range(CGROUPS)}
    assert look(collector) == expected
    assert open_files() <= FILES_ALLOWED // 2 + 10
    taken = take_all_files()
    assert look(collector) == expected
    taken += take_all_files()
    assert look(collector) == expected
    give_back(taken)
    assert look(collector) == expected


def look(collector: CgroupCollector) -> dict[str, int]:
    """The CPU time of every instance."""
    return {instance.id: cpu_us_of(collector, instance) for instance in collector.discover()}


def cpu_us_of(collector: CgroupCollector, instance: Instance) -> int:
    (used_us,) = collector.sample(instance).counts[Counter.CPU_US].values()
    return used_us


def open_files() -> int:
    return len(list(Path("/dev/fd").iterdir()))


def take_all_files() -> list[int]:
    taken: list[int] = []
    try:
        while True:
            taken.append(os.open(os.devnull, os.O_RDONLY))
    except OSError:
        return taken


def give_back(taken: Sequence[int]) -> None:
    for descriptor in taken:
        os.close(descriptor)


if __name__ == "__main__":
    in_a_process_of_few_files(Path(sys.argv[1]), sys.argv[2])
