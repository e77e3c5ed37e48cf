"""Real QEMU guests without an operating system: their boot sector spins, so they burn CPU until they are stopped."""

import json
import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from fogbank.compute.agent.collectors import Collector
from fogbank.compute.agent.model import Counter, Instance, Reading
from tests.tools import lacks, needs_root, needs_tool

MIB = 1 << 20
SPIN = bytes([0xFA, 0xEB, 0xFE]).ljust(510, b"\0") + b"\x55\xaa"
"""A boot sector: no interrupts, and a jump to itself."""
QEMU = "qemu-system-x86_64"
PATIENCE_SECONDS = 60


def until(condition: Callable[[], bool]) -> None:
    """Wait for what only looking again can tell, such as CPU time."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.02)


@dataclass
class QemuGuest:
    """A guest with two monitors: one behind a socket, for the collector, and one on its standard input, for the test."""

    process: subprocess.Popen[str]
    resources: list[Any] = field(default_factory=list)

    def command(self, execute: str, **arguments: Any) -> Any:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({"execute": execute, "arguments": arguments}) + "\n")
        self.process.stdin.flush()
        while True:
            said = self.line()
            if "return" in said:
                return said["return"]
            assert "error" not in said, said

    def line(self) -> Any:
        assert self.process.stdout is not None
        return json.loads(self.process.stdout.readline())

    def end(self) -> float:
        """Kill it; the CPU seconds that the kernel counted in all its life."""
        if self.process.returncode is not None:
            return 0.0
        self.process.kill()
        _, status, used = os.wait4(self.process.pid, 0)
        self.process.returncode = status
        return used.ru_utime + used.ru_stime


StartGuest = Callable[..., QemuGuest]


@pytest.fixture
def directory() -> Iterator[Path]:
    """A short path: a unix socket's has 107 characters at most."""
    with tempfile.TemporaryDirectory(prefix="fogbank-") as path:
        yield Path(path)


@pytest.fixture
def start_guest(directory: Path) -> Iterator[StartGuest]:
    """Starts a guest behind `NAME.qmp`, with the options given, and waits until it answers."""
    qemu = needs_tool(QEMU)
    boot = directory / "boot.img"
    boot.write_bytes(SPIN)
    guests: list[QemuGuest] = []

    def start(name: str, *options: str) -> QemuGuest:
        monitor = f"unix:{directory}/{name}.qmp,server=on,wait=off"
        basic = ["-nodefaults", "-display", "none", "-accel", "tcg", "-m", "64", "-qmp", monitor, "-qmp", "stdio"]
        drive = ["-drive", f"file={boot},format=raw,if=ide,readonly=off"]
        guest = QemuGuest(
            subprocess.Popen([qemu, *basic, *drive, *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        )
        guests.append(guest)
        assert "QMP" in guest.line()
        guest.command("qmp_capabilities")
        return guest

    yield start
    for guest in guests:
        guest.end()
        for pipe in (guest.process.stdin, guest.process.stdout):
            if pipe is not None:
                pipe.close()


@pytest.fixture
def tap() -> Iterator[str]:
    """A tap device that is up and on which nobody speaks by himself."""
    needs_root()
    ip = needs_tool("ip")
    name = f"fbtap{os.getpid() % 100_000}"
    with ExitStack() as made:
        try:
            subprocess.run([ip, "tuntap", "add", name, "mode", "tap"], check=True, capture_output=True)
        except subprocess.CalledProcessError as error:
            lacks(f"no tap device can be made here: {error.stderr!r}")
        made.callback(subprocess.run, [ip, "link", "delete", name], check=False)
        Path(f"/proc/sys/net/ipv6/conf/{name}/disable_ipv6").write_text("1")
        subprocess.run([ip, "link", "set", name, "up"], check=True)
        yield name


def read(collector: Collector, identifier: str) -> Reading:
    """A look at everything, and the reading of one instance."""
    found = {instance.id: instance for instance in collector.discover()}
    return collector.sample(found.get(identifier, Instance(identifier)))


def total(reading: Reading, counter: Counter) -> int:
    return sum(reading.counts[counter].values())
