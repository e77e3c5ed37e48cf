"""So many at once, and so many who wait; whoever comes then is told to come back, and not left waiting."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from fogbank.accounts.errors import TooBusy

T = TypeVar("T")


class Lane:
    """Does `at_once` pieces of work at a time, each in a thread, in the order in which they come."""

    def __init__(self, at_once: int, waiting_max: int) -> None:
        self._slots = asyncio.Semaphore(at_once)
        self._room = at_once + waiting_max
        self._inside = 0

    def require_room(self) -> None:
        """`TooBusy` where as many wait as may."""
        if self._inside >= self._room:
            raise TooBusy

    async def run(self, work: Callable[[], T]) -> T:
        """Wait for one's turn, and do it; `TooBusy`.

        No thread can be stopped: whoever does not wait for it any more still has their place until it is done.
        """
        self.require_room()
        self._inside += 1
        try:
            await self._slots.acquire()
        except BaseException:
            self._inside -= 1
            raise
        working = asyncio.create_task(asyncio.to_thread(work))
        working.add_done_callback(self._leave)
        return await asyncio.shield(working)

    def _leave(self, _working: asyncio.Task[T]) -> None:
        self._slots.release()
        self._inside -= 1
