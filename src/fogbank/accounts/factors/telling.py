"""Telling people what became of their second factors: noted with the act, sent after it, once.

Somebody else who signs in as them cannot keep it from them: it goes to their address, and nothing here takes it back.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from fogbank.accounts.factors import notice_store
from fogbank.accounts.opaque import ID_BYTES
from fogbank.kernel.ids import new_id
from fogbank.runtime.clock import Clock
from fogbank.runtime.component import BackgroundTask
from fogbank.runtime.database import Connection, Database
from fogbank.runtime.entropy import Entropy

AT_ONCE = 100
LOOK_SECONDS = 5

SendText = Callable[[str, str, str], Awaitable[None]]
"""Takes an id, an address and a sentence, and sees to it that it is sent; the same id again is the same message."""


@dataclass(frozen=True, slots=True)
class Telling:
    """Notes what people are to be told."""

    clock: Clock
    entropy: Entropy

    async def tell(self, tx: Connection, user_id: str, text: str) -> None:
        """Have this sent to the person if the transaction commits."""
        await notice_store.insert(tx, new_id("notice", self.entropy(ID_BYTES)), user_id, text, self.clock())


async def send_waiting(database: Database, send: SendText) -> int:
    """Send what waits, the oldest first, and forget it; how many were sent. What fails waits on."""
    async with database.transaction() as tx:
        waiting = await notice_store.locked(tx, AT_ONCE)
        for notice in waiting:
            await send(notice.id, notice.address, notice.text)
            await notice_store.delete(tx, notice.id)
    return len(waiting)


def sending(database: Database, send: SendText) -> BackgroundTask:
    """The work that sends what waits, for as long as the process runs."""

    async def run() -> None:
        while True:
            await send_waiting(database, send)
            await asyncio.sleep(LOOK_SECONDS)

    return BackgroundTask("tell people of their second factors", run)
