"""Waiting for news, though not for ever."""

import asyncio
from contextlib import suppress


async def until_set(event: asyncio.Event, seconds: float) -> None:
    """Wait until `event` is set, or for so long."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
