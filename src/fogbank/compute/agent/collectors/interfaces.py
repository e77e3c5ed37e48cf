"""Which of the host's network interfaces are billed: the physical ones, or where there are none, all but loopback."""

import socket
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import psutil

SYS_CLASS_NET = Path("/sys/class/net")

Interfaces = Callable[[], Iterable[tuple[str, int]]]


def billed_interfaces(sys_class_net: Path = SYS_CLASS_NET) -> Interfaces:
    """A function that names the billed interfaces with their indexes, as they are at each call.

    Whether the machine has physical ones is decided once: a container, whose only interface is virtual, stays one, and
    a machine that loses its last cable does not suddenly bill its bridges.
    """
    if sys.platform == "darwin":
        return lambda: [(name, index) for index, name in socket.if_nameindex() if name.startswith("en")]
    has_physical = any(_is_physical(sys_class_net, name) for _, name in socket.if_nameindex())
    is_billed = _is_physical if has_physical else _is_outward
    return lambda: [(name, index) for index, name in socket.if_nameindex() if is_billed(sys_class_net, name)]


def _is_physical(sys_class_net: Path, name: str) -> bool:
    return (sys_class_net / name / "device").exists()


def _is_outward(sys_class_net: Path, name: str) -> bool:
    """Neither loopback nor a bridge, which would count its members' traffic twice."""
    stats = psutil.net_if_stats().get(name)
    is_loopback = stats is None or "loopback" in stats.flags.split(",")
    return not is_loopback and not (sys_class_net / name / "bridge").exists()
