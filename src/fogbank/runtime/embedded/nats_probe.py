"""Asks a NATS whether it is there: the few lines of its protocol that sign in and ping.

Not the client library: it waits seconds between refused attempts and leaves connections open that were denied.
"""

import asyncio
import contextlib

from msgspec import json

from fogbank.runtime.ports import LOOPBACK

ANSWER_PATIENCE_SECONDS = 2.0
POLL_SECONDS = 0.02


async def accepts(port: int, user: str, password: str) -> bool:
    """Whether the NATS on `port` is up, serves JetStream, and lets this user in."""
    try:
        async with asyncio.timeout(ANSWER_PATIENCE_SECONDS):
            return await _sign_in(port, user, password)
    except (OSError, TimeoutError):
        return False


async def until_accepts(port: int, user: str, password: str) -> None:
    """Wait until it does; for how long is the caller's business."""
    while not await accepts(port, user, password):  # noqa: ASYNC110 - another process only tells when asked
        await asyncio.sleep(POLL_SECONDS)


async def _sign_in(port: int, user: str, password: str) -> bool:
    reader, writer = await asyncio.open_connection(LOOPBACK, port)
    try:
        information = (await reader.readline()).decode(errors="replace")
        if not information.startswith("INFO ") or '"jetstream":true' not in information:
            return False
        hello = json.encode({"user": user, "pass": password, "verbose": False, "pedantic": False, "protocol": 1})
        writer.write(b"CONNECT " + hello + b"\r\nPING\r\n")
        await writer.drain()
        return b"PONG" in await reader.readline()
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
