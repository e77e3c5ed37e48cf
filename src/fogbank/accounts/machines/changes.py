"""The feed of what changed about credentials, as followers read it, and how long it is kept."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import psycopg

from fogbank.accounts.machines import change_store
from fogbank.runtime.clock import Clock
from fogbank.runtime.credentials.changes import ChangesPage
from fogbank.runtime.database import Database
from fogbank.runtime.tenancy import seeing_every_tenant

PAGE = 1000
KEPT = timedelta(hours=1)
"""Longer than a token lives or a key is remembered: who has followed for less asks for everything anew."""


@dataclass(frozen=True, slots=True)
class Changes:
    """Reads what changed, and forgets what no follower needs."""

    database: Database
    clock: Clock

    async def after(self, number: int) -> ChangesPage:
        """The next changes after `number`."""
        with seeing_every_tenant():
            async with self.database.connection() as connection:
                # In this order: what is forgotten or made meanwhile is then said to be, though it was read or not.
                changes = await change_store.since(connection, number, PAGE)
                forgotten = await change_store.forgotten(connection)
                newest = await change_store.newest(connection)
        return ChangesPage(changes, forgotten, newest, has_more=len(changes) == PAGE)

    async def forget(self) -> None:
        """Keep changes for an hour."""
        async with self.database.transaction() as tx:
            await change_store.forget(tx, self.clock() - KEPT)

    async def listen(self, told: Callable[[], None]) -> None:
        """Call `told` at each commit that changed something, over a connection of its own, until that breaks."""
        url = self.database.pool.conninfo
        assert isinstance(url, str)
        async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
            await change_store.listen(connection)
            told()  # what was changed before we listened
            async for _ in connection.notifies():
                told()
