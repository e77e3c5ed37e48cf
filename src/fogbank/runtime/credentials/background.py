"""What an authenticator needs beside it: its book is kept up to date, and the uses of keys are written down."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress

from fogbank.runtime.clock import Clock
from fogbank.runtime.component import BackgroundTask, Component, Health
from fogbank.runtime.credentials.authenticator import HeaderAuthenticator
from fogbank.runtime.credentials.key_uses import EVERY_SECONDS, WriteUses

LAST_WRITE_SECONDS = 0.5


def credential_component(
    authenticator: HeaderAuthenticator,
    *,
    write_uses: WriteUses,
    clock: Clock,
    changed: asyncio.Event | None = None,
    others: Sequence[BackgroundTask] = (),
) -> Component:
    """The component `credentials` of a process. `changed` is set by whoever hears of a change before it is asked for.

    Authentication is right without it: what is not followed here is asked for when somebody calls.
    """
    health = Health(clock)

    async def follow() -> None:
        await authenticator.follower.follow(health, changed)

    async def write() -> None:
        try:
            while True:
                await asyncio.sleep(EVERY_SECONDS)
                await authenticator.uses.flush(write_uses)
        except asyncio.CancelledError:
            # The process stops. What cannot be written now is a minute's uses, and nothing to wait for.
            with suppress(Exception):
                async with asyncio.timeout(LAST_WRITE_SECONDS):
                    await authenticator.uses.flush(write_uses)
            raise

    tasks = [BackgroundTask("follow changes of credentials", follow), BackgroundTask("write uses of keys", write)]
    return Component(name="credentials", health=health, tasks=[*tasks, *others])
