"""Backups: the store stands still in links while somebody copies them, and goes on working.

The queue makes the moment a consistent one (docs/backup.md): who saves asks first how far the consumer has
acknowledged, then freezes, and saves the queue last. Whatever was stored or marked in between comes again.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass, field
from pathlib import PurePath

from fastapi import APIRouter

from fogbank.runtime.http.caller import ServiceCaller
from fogbank.runtime.http.problems import problem_responses
from fogbank.runtime.problems import Problem
from fogbank.usage.client.backups import FrozenStore, FrozenTable
from fogbank.usage.store import backup
from fogbank.usage.store.engine import Engine

AtRest = Callable[[], AbstractAsyncContextManager[None]]
"""Waits until something is done, and keeps it from beginning anew until the block ends."""

TABLE_PATH_PARTS = 3
"""`store/abc/abcdef…`: the end of a table's path, which is where it is within the store."""


@dataclass(frozen=True, slots=True)
class Backups:
    """Freezes the store and lets go of it, one at a time.

    `at_rest` names who must not be in the middle of something while the tables are frozen: passes, which clear marks,
    and retention. They are taken in this order, and wait for milliseconds.
    """

    engine: Engine
    at_rest: Sequence[AtRest]
    _one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def freeze(self) -> FrozenStore:
        """Freeze every table, readings first and marks last. What an earlier backup left is let go of."""
        async with self._one_at_a_time:
            tables = await backup.tables(self.engine)
            for name, _ in tables:
                await backup.unfreeze(self.engine, name)
            async with AsyncExitStack() as stack:
                for waiting in self.at_rest:
                    await stack.enter_async_context(waiting())
                for name, _ in tables:
                    await backup.freeze(self.engine, name)
        directories = [(name, str(PurePath(*PurePath(path).parts[-TABLE_PATH_PARTS:]))) for name, path in tables]
        return FrozenStore(f"shadow/{backup.FROZEN}", [FrozenTable(*each) for each in directories])

    async def let_go(self) -> None:
        """Remove the links, also those that a killed backup left; nothing happens where there are none."""
        if not self.engine.is_embedded:
            return
        async with self._one_at_a_time:
            for name, _ in await backup.tables(self.engine):
                await backup.unfreeze(self.engine, name)


def backup_routes(backups: Backups) -> APIRouter:
    """The routes for who saves the store's files."""
    router = APIRouter(prefix="/api/v1/usage", tags=["usage"])

    @router.post("/backups", status_code=201, responses=problem_responses(401, 404, 409))
    async def freeze(_caller: ServiceCaller) -> FrozenStore:
        """For services: the store's files as they are now, in links that stay until they are let go of."""
        if not backups.engine.is_embedded:
            raise Problem(409, "store-elsewhere", "The usage store is a ClickHouse of yours; save it by its own means.")
        return await backups.freeze()

    @router.delete("/backups", status_code=204, responses=problem_responses(401, 404))
    async def let_go(_caller: ServiceCaller) -> None:
        """For services: the files are copied, and the links can go."""
        await backups.let_go()

    return router
