"""How much of the host's memory a virtual machine has. Pure."""

from typing import NamedTuple


class Memory(NamedTuple):
    """In bytes: what the machine has of the host's, which is billed, and how much of that is busy."""

    held: int
    busy: int


def memory_of(*, configured: int, left_by_balloon: int, resident: int, used_inside: int | None) -> Memory:
    """What a machine was configured with, less what its balloon took back and the host really got back.

    It is the guest that says how far its balloon is blown up. One that says so and goes on using the memory keeps it
    resident on the host: then that counts. How much is busy the guest may say too, for it costs nobody anything; where
    it says nothing, it is what is resident.
    """
    held = min(configured, max(left_by_balloon, resident))
    return Memory(held, min(held, resident if used_inside is None else used_inside))
