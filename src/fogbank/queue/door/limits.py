"""How much the door takes: of one body, and of one caller in a second."""

from dataclasses import dataclass

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class DoorLimits:
    """Of a body: its bytes as sent, its bytes unpacked, its events. Of a caller: requests, events and bytes a second.

    Nothing is spent in one moment only: ten seconds' worth may come at once (`allowance.BURST_SECONDS`).
    """

    body_bytes_max: int = 8 * MIB
    unpacked_bytes_max: int = 16 * MIB
    events_max: int = 10_000
    requests_per_second: int = 20
    events_per_second: int = 10_000
    bytes_per_second: int = 4 * MIB
