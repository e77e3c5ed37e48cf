"""The process that a guest runs in: its life, the CPU time it takes of the host, and what it holds open."""

import os
import re
import resource
import signal
import stat
import time
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from fogbank.compute.agent.collectors.kernel_files import KernelFiles

PROC = "/proc"
CPU_CLOCK_OF_PROCESS = 2
"""The kind of clock that `clock_getcpuclockid(3)` makes of a process id: the CPU time of all its threads."""
START_FIELD = 19
"""`starttime` in /proc/PID/stat, counted from behind the command's closing bracket."""
TUN = "/dev/net/tun"
MACVTAP = re.compile(r"/dev/tap(\d+)")
STATM = 0
"""Its place among the files that are held open."""
VFIO = "/dev/vfio/"
TAP_NAME = re.compile(r"^iff:\t(\S+)$", re.MULTILINE)


class Held(NamedTuple):
    """What of the host a process holds open: taps by name, macvtaps by interface index, files of VFIO."""

    taps: frozenset[str]
    macvtaps: frozenset[int]
    vfio: frozenset[str]


class GuestProcess:
    """One life of one process. Its id may be given to another one later: nothing here mistakes that one for it."""

    def __init__(self, process: int) -> None:
        """`OSError` where it is gone or may not be looked at."""
        self.id = process
        self._descriptor = os.pidfd_open(process)
        try:
            fields = Path(f"{PROC}/{process}/stat").read_text().rpartition(")")[2].split()
            self._files = KernelFiles(f"{PROC}/{process}", ["statm"])
        except OSError:
            os.close(self._descriptor)
            raise
        self._started_ticks = int(fields[START_FIELD])
        self._clock = (~process << 3) | CPU_CLOCK_OF_PROCESS

    @property
    def life(self) -> str:
        """A name that no other process has until the machine boots again."""
        return f"{self.id}/{self._started_ticks}"

    @property
    def started_us(self) -> int:
        """When it began, in microseconds since the machine's boot."""
        return self._started_ticks * 1_000_000 // os.sysconf("SC_CLK_TCK")

    @property
    def is_in_our_network(self) -> bool:
        return Path(f"{PROC}/{self.id}/ns/net").samefile(f"{PROC}/self/ns/net")

    def threads(self) -> frozenset[int]:
        return frozenset(int(each.name) for each in Path(f"{PROC}/{self.id}/task").iterdir())

    def cpu_us(self) -> int:
        """CPU time of all its threads, those that have ended included; `OSError` where the process is gone.

        A clock of nanoseconds, where /proc/PID/stat counts steps of 10 ms.
        """
        used_ns = time.clock_gettime_ns(self._clock)
        self._check_alive()
        return used_ns // 1000

    def resident_bytes(self) -> int:
        return int(self._files.read(STATM).split()[1]) * resource.getpagesize()

    def held(self) -> Held:
        """What it holds open now."""
        taps, vfio = set[str](), set[str]()
        macvtaps = set[int]()
        for descriptor in os.listdir(f"{PROC}/{self.id}/fd"):  # noqa: PTH208 - on the hot path
            opened = _target(f"{PROC}/{self.id}/fd/{descriptor}")
            if opened == TUN:
                taps.update(TAP_NAME.findall(_text(f"{PROC}/{self.id}/fdinfo/{descriptor}")))
            elif opened.startswith(VFIO):
                vfio.add(opened)
            elif found := MACVTAP.fullmatch(opened):
                macvtaps.add(int(found[1]))
        return Held(frozenset(taps), frozenset(macvtaps), frozenset(vfio))

    def is_block_device(self, filename: str) -> bool:
        """Whether the process finds a block device under this name, which QEMU gives from where it works itself."""
        seen_from = "root" if filename.startswith("/") else "cwd"
        try:
            return stat.S_ISBLK(os.stat(f"{PROC}/{self.id}/{seen_from}/{filename}").st_mode)  # noqa: PTH116
        except FileNotFoundError:
            return False

    def close(self) -> None:
        self._files.close()
        os.close(self._descriptor)

    def _check_alive(self) -> None:
        try:
            signal.pidfd_send_signal(self._descriptor, 0)
        except PermissionError:
            # It lives, and is another user's.
            return


def processes_by_uuid(uuids: Collection[str]) -> dict[str, GuestProcess]:
    """The processes that run the guests of these UUIDs, by the option `-uuid` that libvirt gives every QEMU.

    Processes of other PID namespaces are not looked at: what lives in a container may call itself anything.
    """
    found: dict[str, GuestProcess] = {}
    for entry in Path(PROC).iterdir():
        if not entry.name.isdigit():
            continue
        with suppress(OSError):
            _, option, rest = (entry / "cmdline").read_text(errors="replace").partition("\0-uuid\0")
            uuid = rest.partition("\0")[0].lower()
            if option and uuid in uuids and uuid not in found and (entry / "ns/pid").samefile(f"{PROC}/self/ns/pid"):
                found[uuid] = GuestProcess(int(entry.name))
    return found


def _target(link: str) -> str:
    try:
        return os.readlink(link)  # noqa: PTH115 - on the hot path
    except FileNotFoundError:
        # It was closed between the list and the look.
        return ""


def _text(path: str) -> str:
    try:
        return Path(path).read_text()
    except FileNotFoundError:
        return ""
