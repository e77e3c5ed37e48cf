"""Asking once for all who want to know at the same time."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any


class AskingOnce:
    """Asks by `ask`; whoever comes while somebody asks waits for that answer, and gets that error."""

    def __init__(self, ask: Callable[[], Coroutine[Any, Any, None]]) -> None:
        self._ask = ask
        self._asking: asyncio.Task[None] | None = None

    async def __call__(self) -> None:
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._ask())
            self._asking.add_done_callback(_retrieved)
        await asyncio.shield(self._asking)


def _retrieved(task: asyncio.Task[None]) -> None:
    """Whoever waited for it is told; when nobody does any more, its failure is nobody's."""
    if not task.cancelled():
        task.exception()
