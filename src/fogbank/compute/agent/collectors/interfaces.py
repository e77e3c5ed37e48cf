"""Which of the host's network interfaces are billed: the physical ones, or where there are none, all but loopback."""

import socket
from collections.abc import Collection, Mapping
from pathlib import Path

SYS_CLASS_NET = Path("/sys/class/net")
IFF_LOOPBACK = 0x8


class BilledInterfaces:
    """Knows the billed interfaces of this machine. Each is looked at once: a thousand containers bring a thousand.

    Whether the machine has physical ones is decided once: a container, whose only interface is virtual, stays one, and
    a machine that loses its last cable does not suddenly bill its bridges.
    """

    def __init__(self, sys_class_net: Path = SYS_CLASS_NET) -> None:
        self._sys_class_net = sys_class_net
        has_physical = any(self._is_physical(name) for _, name in socket.if_nameindex())
        self._is_billed = self._is_physical if has_physical else self._is_outward
        self._names: dict[int, str | None] = {}

    def among(self, indexes: Collection[int]) -> Mapping[int, str]:
        """Those of these interfaces that are billed: the name that each had when it was first seen."""
        self._names = {
            index: self._names[index] if index in self._names else self._billed_name(index) for index in indexes
        }
        return {index: name for index, name in self._names.items() if name is not None}

    def _billed_name(self, index: int) -> str | None:
        try:
            name = socket.if_indextoname(index)
        except OSError:
            # It went while it was looked at.
            return None
        return name if self._is_billed(name) else None

    def _is_physical(self, name: str) -> bool:
        return (self._sys_class_net / name / "device").exists()

    def _is_outward(self, name: str) -> bool:
        """Neither loopback nor a bridge, which would count its members' traffic twice."""
        directory = self._sys_class_net / name
        try:
            flags = int((directory / "flags").read_text(), 16)
        except FileNotFoundError:
            return False
        return not flags & IFF_LOOPBACK and not (directory / "bridge").exists()
