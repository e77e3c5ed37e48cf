"""Real QEMU guests without an operating system: their boot sector spins, so they burn CPU until they are stopped."""

import importlib
import json
import os
import pwd
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from tests.tools import lacks, needs_module, needs_root, needs_tool

from fogbank.compute.agent.collectors import Collector
from fogbank.compute.agent.model import Counter, Instance, Reading

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
    """A guest with two monitors: behind a socket for the collector, and on its standard input for the test."""

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

    def start(name: str, *options: str, inherits: Sequence[int] = ()) -> QemuGuest:
        monitor = f"unix:{directory}/{name}.qmp,server=on,wait=off"
        basic = ["-nodefaults", "-display", "none", "-accel", "tcg", "-m", "64", "-qmp", monitor, "-qmp", "stdio"]
        drive = ["-drive", f"file={boot},format=raw,if=ide,readonly=off"]
        guest = QemuGuest(
            subprocess.Popen(
                [qemu, *basic, *drive, *options],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                pass_fds=inherits,
            )
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


@pytest.fixture
def macvtap() -> Iterator[tuple[str, str]]:
    """A macvtap, and the other end of the cable it is on, by their names. Kernels have them; no package brings them."""
    needs_root()
    ip = needs_tool("ip")
    number = os.getpid() % 100_000
    cable, end, own = (f"fb{kind}{number}" for kind in ("vea", "veb", "mvt"))
    with ExitStack() as made:
        try:
            subprocess.run([ip, "link", "add", cable, "type", "veth", "peer", "name", end], check=True)
            made.callback(subprocess.run, [ip, "link", "delete", cable], check=False)
            macvtap = [ip, "link", "add", "link", cable, own, "type", "macvtap", "mode", "bridge"]
            subprocess.run(macvtap, check=True, capture_output=True)
        except subprocess.CalledProcessError as error:
            pytest.skip(f"no macvtap device can be made here: {error.stderr!r}")
        for name in (cable, end, own):
            Path(f"/proc/sys/net/ipv6/conf/{name}/disable_ipv6").write_text("1")
            subprocess.run([ip, "link", "set", name, "up"], check=True)
        yield own, end


def read(collector: Collector, identifier: str) -> Reading:
    """A look at everything, and the reading of one instance."""
    found = {instance.id: instance for instance in collector.discover()}
    return collector.sample(found.get(identifier, Instance(identifier)))


def total(reading: Reading, counter: Counter) -> int:
    return sum(reading.counts[counter].values())


LIBVIRT_CONFIGURATION = """
user = "root"
group = "root"
security_driver = "none"
namespaces = []
cgroup_controllers = []
remember_owner = 0
stdio_handler = "file"
"""
LIBVIRT_USER = "libvirt-qemu"


@pytest.fixture(scope="session")
def libvirt_uri() -> Iterator[str]:
    """libvirt inside this process, with a directory of its own. It works by an event loop, which runs aside."""
    needs_root()
    needs_tool(QEMU)
    needs_module("libvirt")
    libvirt: Any = importlib.import_module("libvirt")
    try:
        pwd.getpwnam(LIBVIRT_USER)
    except KeyError:
        lacks(f"libvirt's own user '{LIBVIRT_USER}' does not exist here")
    libvirt.virEventRegisterDefaultImpl()
    is_over = threading.Event()
    # It wakes up once a second, to see whether it is over.
    libvirt.virEventAddTimeout(1000, lambda *_: None, None)
    loop = threading.Thread(target=lambda: _run_events(libvirt, is_over), daemon=True)
    loop.start()
    with tempfile.TemporaryDirectory(prefix="fogbank-") as root:
        (Path(root) / "etc").mkdir()
        (Path(root) / "etc/qemu.conf").write_text(LIBVIRT_CONFIGURATION)
        uri = f"qemu:///embed?root={root}"
        connection = libvirt.open(uri)
        # It asks every QEMU what that can do: seconds, once, which no test should wait for.
        connection.getCapabilities()
        yield uri
        connection.close()
        is_over.set()
        loop.join()


def _run_events(libvirt: Any, is_over: threading.Event) -> None:
    while not is_over.is_set():
        libvirt.virEventRunDefaultImpl()


@pytest.fixture
def libvirt_connection(libvirt_uri: str) -> Iterator[Any]:
    """The connection through which a test makes domains; none of them is left behind."""
    connection = importlib.import_module("libvirt").open(libvirt_uri)
    yield connection
    for domain in connection.listAllDomains():
        domain.destroy()
    connection.close()
