"""Things of the real kernel, made for a test and taken away after: cgroups, network namespaces, processes in both."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.tools import lacks, needs_root, needs_tool

from fogbank.compute.agent.collectors.cgroups import MOUNTS
from fogbank.compute.agent.collectors.hierarchy import NoCgroups, hierarchies_of

SEND = """
import socket, sys
address, count, length = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
    for _ in range(count):
        sender.sendto(bytes(length), (address, 40000))
"""
HEADERS_BYTES = 42
"""What Ethernet, IPv4 and UDP put before each datagram."""


def directories_of(path: str) -> list[Path]:
    """The directories of a cgroup, one per hierarchy that accounts for something; skips where there are none."""
    needs_root()
    if not MOUNTS.exists():
        lacks("this system has no cgroups")
    try:
        hierarchies = hierarchies_of(MOUNTS.read_text())
    except NoCgroups as none:
        lacks(str(none))
    return [Path(root + path) for root in {hierarchies.cpu.directory, hierarchies.memory.directory}]


@contextmanager
def real_cgroup(path: str) -> Iterator[list[Path]]:
    """A fresh cgroup: its directories."""
    directories = directories_of(path)
    try:
        for directory in directories:
            directory.mkdir(exist_ok=True, parents=True)
    except OSError as error:
        lacks(f"the cgroup hierarchy cannot be written: {error}")
    try:
        if not any((directory / "memory.stat").exists() for directory in directories):
            lacks("the memory controller is not given to cgroups below the root here")
        yield directories
    finally:
        for directory in directories:
            with suppress(FileNotFoundError):
                directory.rmdir()


def ip(*arguments: str) -> None:
    """Run `ip`."""
    subprocess.run([needs_tool("ip"), *arguments], check=True)


@dataclass(frozen=True)
class Namespace:
    """A network namespace, and the veth pair that joins it to the host once `join` was called."""

    name: str
    host_interface: str
    inside_address: str
    host_address: str

    def join(self, other: str = "") -> None:
        """Put one end of a new pair into it, with an address at both; the other end into another one, or the host."""
        inside = f"{self.host_interface}i"
        there = ["-n", other] if other else []
        ip("link", "add", self.host_interface, "type", "veth", "peer", "name", inside, "netns", self.name)
        if other:
            ip("link", "set", self.host_interface, "netns", other)
        ip(*there, "addr", "add", f"{self.host_address}/30", "dev", self.host_interface)
        ip(*there, "link", "set", self.host_interface, "up")
        ip("-n", self.name, "addr", "add", f"{self.inside_address}/30", "dev", inside)
        ip("-n", self.name, "link", "set", inside, "up")

    def send_out(self, count: int, length: int) -> int:
        """Send datagrams from inside; how many bytes that is on the wire."""
        ip("netns", "exec", self.name, *_sending(self.host_address, count, length))
        return count * (length + HEADERS_BYTES)

    def send_in(self, count: int, length: int) -> int:
        """Send datagrams from the host into it; how many bytes that is on the wire."""
        subprocess.run(_sending(self.inside_address, count, length), check=True)
        return count * (length + HEADERS_BYTES)


@contextmanager
def network_namespace(number: int, *, joined: bool = True) -> Iterator[Namespace]:
    """A network namespace of its own for a test; `number` tells those of one test apart."""
    needs_root()
    inside, outside = (f"192.0.2.{4 * number + place}" for place in (1, 2))
    namespace = Namespace(f"fogbank-test-{number}", f"fbt{number}", inside, outside)
    ip("netns", "add", namespace.name)
    try:
        if joined:
            namespace.join()
        yield namespace
    finally:
        # It would go with its namespace, but only some time after.
        remove = [needs_tool("ip"), "link", "del", namespace.host_interface]
        subprocess.run(remove, check=False, stderr=subprocess.DEVNULL)
        ip("netns", "del", namespace.name)


@contextmanager
def living_in(cgroup: list[Path], namespace: Namespace | None = None) -> Iterator[int]:
    """A process that waits in a cgroup, and in a network namespace where one is given: its id."""
    waiting = [sys.executable, "-c", "import sys; print(flush=True); sys.stdin.read()"]
    inside = [needs_tool("ip"), "netns", "exec", namespace.name] if namespace else []
    with subprocess.Popen([*inside, *waiting], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            process.stdout.readline()
            for directory in cgroup:
                (directory / "cgroup.procs").write_text(str(process.pid))
            yield process.pid
        finally:
            os.kill(process.pid, signal.SIGKILL)


def _sending(address: str, count: int, length: int) -> list[str]:
    return [sys.executable, "-c", SEND, address, str(count), str(length)]
