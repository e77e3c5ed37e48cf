"""So many at once, and so many who wait; whoever comes then is told to come back, and not left waiting."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fogbank.accounts.errors import TooBusy


class Lane:
    """Lets `at_once` through at a time, in the order in which they come."""

    def __init__(self, at_once: int, waiting_max: int) -> None:
        self._slots = asyncio.Semaphore(at_once)
        self._room = at_once + waiting_max
        self._inside = 0

    def require_room(self) -> None:
        """`TooBusy` where as many wait as may."""
        if self._inside >= self._room:
            raise TooBusy

    @asynccontextmanager
    async def slot(self) -> AsyncIterator[None]:
        """Wait for one's turn, and have it inside; `TooBusy`."""
        self.require_room()
        self._inside += 1
        try:
            async with self._slots:
                yield
        finally:
            self._inside -= 1
