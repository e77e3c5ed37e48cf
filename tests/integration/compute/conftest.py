"""Machines that do not exist: cgroup trees of v1, v2 and the hybrid in a temporary directory."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from fogbank.compute.agent.collectors.cgroups import CgroupCollector, CgroupTarget
from fogbank.compute.agent.collectors.held_files import HeldFiles
from fogbank.compute.agent.collectors.hierarchy import hierarchies_of
from fogbank.compute.agent.collectors.lives import CgroupLives
from fogbank.compute.agent.collectors.networks import Networks

HOSTS_ROOT = "22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw\n"
NET_DEV_HEADINGS = "Inter-| Receive | Transmit\n face |bytes |bytes\n"


@dataclass(frozen=True)
class FakeMachine:
    """Files as the kernel of such a machine shows them."""

    root: Path
    kind: str

    @property
    def mounts(self) -> str:
        v1 = "".join(
            f"cgroup {self.root}/{name} cgroup rw,{name} 0 0\n"
            for name in {"v1": ("cpu,cpuacct", "memory"), "hybrid": ("cpu,cpuacct",), "v2": ()}[self.kind]
        )
        v2 = "" if self.kind == "v1" else f"cgroup2 {self.root}/unified cgroup2 rw 0 0\n"
        return v1 + v2

    def cgroup(
        self, path: str, *, cpu_us: int, memory: int = 0, inactive: int = 0, cores: int = 0, limit: int = 0
    ) -> None:
        """Make or change a cgroup. No cores or no limit means as much as the host has."""
        if self.kind == "v2":
            cpu_max = f"{cores * 100_000} 100000" if cores else "max 100000"
            self._write("unified" + path, {"cpu.stat": f"usage_usec {cpu_us}\nuser_usec 0\n", "cpu.max": cpu_max})
        else:
            quota = f"{cores * 100_000}" if cores else "-1"
            v1_cpu = {"cpuacct.usage": f"{cpu_us}999", "cpu.cfs_quota_us": quota, "cpu.cfs_period_us": "100000"}
            self._write("cpu,cpuacct" + path, v1_cpu)
        if self.kind == "v1":
            stat = f"inactive_file 1\ntotal_inactive_file {inactive}\n"
            v1_limit = f"{limit or 9223372036854771712}"
            self._write(
                "memory" + path,
                {"memory.usage_in_bytes": f"{memory}", "memory.stat": stat, "memory.limit_in_bytes": v1_limit},
            )
        else:
            stat = f"anon 5\ninactive_file {inactive}\n"
            self._write(
                "unified" + path,
                {"memory.current": f"{memory}", "memory.stat": stat, "memory.max": f"{limit or 'max'}"},
            )

    def directories(self, path: str) -> list[Path]:
        """The directories that make up a cgroup."""
        return [each / path.lstrip("/") for each in self.root.iterdir() if (each / path.lstrip("/")).is_dir()]

    def process(
        self,
        cgroup: str,
        process: str,
        *,
        namespace: int = 0,
        egress: int = 0,
        ingress: int = 0,
        mounts: str = HOSTS_ROOT,
    ) -> None:
        """Let a process live in `cgroup`, in a network namespace with one interface, and with a root filesystem."""
        for directory in self.directories(cgroup):
            (directory / "cgroup.procs").write_text(f"{process}\n")
        self._namespace(process, namespace)
        self._write(f"proc/{process}", {"mountinfo": mounts, "cgroup": f"4:cpu,cpuacct:{cgroup}\n0::{cgroup}\n"})
        self._write(
            f"proc/{process}/net",
            {"dev": f"{NET_DEV_HEADINGS} lo: 5 0 0 0 0 0 0 0 5\n eth0: {ingress} 0 0 0 0 0 0 0 {egress} 0\n"},
        )

    def lives(self, held: HeldFiles | None = None) -> CgroupLives:
        self._write("proc/self", {"mountinfo": HOSTS_ROOT})
        self._namespace("self", 0)
        networks = Networks("boot-1", host_side=None, proc=self.proc)
        return CgroupLives("boot-1", hierarchies_of(self.mounts), networks, held or HeldFiles(1_000))

    def collector(self, *targets: CgroupTarget, held: HeldFiles | None = None) -> CgroupCollector:
        return CgroupCollector(targets, self.lives(held))

    @property
    def proc(self) -> Path:
        return self.root / "proc"

    def _namespace(self, process: str, namespace: int) -> None:
        """Processes of one namespace show one inode for it."""
        shared = self.root / "namespaces" / str(namespace)
        shared.parent.mkdir(exist_ok=True)
        shared.touch()
        directory = self.root / "proc" / process / "ns"
        directory.mkdir(parents=True, exist_ok=True)
        (directory / "net").unlink(missing_ok=True)
        (directory / "net").symlink_to(shared)

    def _write(self, directory: str, files: dict[str, str]) -> None:
        (self.root / directory).mkdir(parents=True, exist_ok=True)
        (self.root / directory / "cgroup.procs").touch()
        for name, text in files.items():
            (self.root / directory / name).write_text(text)


@pytest.fixture(params=["v1", "v2", "hybrid"])
def machine(request: pytest.FixtureRequest, tmp_path: Path) -> FakeMachine:
    return FakeMachine(tmp_path, request.param)
