"""A disk that fills up while everything runs: said once, waited for, and then the queue is started anew.

NATS goes on refusing when there is room again, until it is restarted. Nothing is lost by that: what it acknowledged is
on disk, and what it refused its senders still have.
"""

import asyncio
from collections.abc import Callable

from fogbank.runtime.embedded import NatsServer

FULL_BYTES = 16 * 1024 * 1024
ROOMY_BYTES = 64 * 1024 * 1024
LOOK_SECONDS = 1.0

FULL = "The disk is full; what comes in waits where it is until there is room."
ROOMY = "There is room on the disk again."


def is_full(free_bytes: int, *, was_full: bool) -> bool:
    """Whether the disk counts as full: from almost nothing free until there is room to work with."""
    return free_bytes < (ROOMY_BYTES if was_full else FULL_BYTES)


async def watch_disk(
    free_bytes: Callable[[], int],
    nats: NatsServer | None,
    say: Callable[[str], None],
    look_seconds: float = LOOK_SECONDS,
) -> None:
    """Look at the disk for ever; when it was full and no longer is, end `nats` for its supervisor to start it anew."""
    was_full = False
    while True:
        full = is_full(free_bytes(), was_full=was_full)
        if full and not was_full:
            say(FULL)
        elif was_full and not full:
            say(ROOMY)
            if nats is not None:
                await nats.stop()
        was_full = full
        await asyncio.sleep(look_seconds)
