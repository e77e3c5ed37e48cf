"""How a child says that it is ready: it writes to a pipe that its parent made. When it dies, the pipe closes."""

import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager

READY = b"ready\n"


def tell_ready(descriptor: int | None) -> None:
    """In the child: tell the parent, if there is one that listens, that we serve."""
    if descriptor is not None:
        os.write(descriptor, READY)
        os.close(descriptor)


@contextmanager
def ready_pipe() -> Iterator[tuple[int, int]]:
    """In the parent: the reading and the writing end. Close the writing end once the child has it."""
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    try:
        yield reading, writing
    finally:
        os.close(reading)


async def heard_ready(reading: int) -> bool:
    """Wait until the child says it is ready (True) or is gone (False)."""
    loop = asyncio.get_running_loop()
    told = loop.create_future()

    def read() -> None:
        if not told.done():
            told.set_result(os.read(reading, len(READY)) != b"")

    loop.add_reader(reading, read)
    try:
        return bool(await told)
    finally:
        loop.remove_reader(reading)
