"""Which virtual machines to measure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class QemuTarget:
    """Which monitors of QEMU to ask: all sockets that `pattern` matches.

    A guest's instance id is `prefix` and the socket's name without its ending: `/run/fogbank/qemu/vm-1.qmp` is `vm-1`.
    """

    pattern: str
    prefix: str = ""
