"""The parts of a system that are saved, of a running one and of a stopped one: who gives them, in which form."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Protocol

from fogbank.backup import postgres, store
from fogbank.backup.archive import Sink
from fogbank.backup.trees import Entry, write_tree
from fogbank.queue.client import QueueClient
from fogbank.runtime.embedded import NatsServer, running_nats
from fogbank.runtime.problems import Problem
from fogbank.runtime.settings import QueueSettings
from fogbank.usage.client.backups import StoreFreezer

QUEUE = "nats"


class Parts(Protocol):
    """What a backup asks for. A part that the operator runs apart is not here."""

    @property
    def data(self) -> Path: ...
    @property
    def is_running(self) -> bool: ...
    @property
    def has_postgres(self) -> bool: ...

    async def write_postgres(self, sink: Sink) -> None:
        """Write the database's files, as they are when this returns or later."""
        ...

    def queue(self) -> AbstractAsyncContextManager[QueueClient | None]:
        """The queue, opened; None where it is the operator's."""
        ...

    def store(self) -> AbstractAsyncContextManager[Iterator[Entry] | None]:
        """The usage store's files, still until the block ends; None where it is the operator's."""
        ...


@dataclass(frozen=True, slots=True)
class Running:
    """A system that runs: each of its parts is asked. An empty `postgres_url` or `queue_url` is the operator's."""

    data: Path
    postgres_url: str
    queue_settings: QueueSettings
    freezer: StoreFreezer
    is_running: bool = True

    @property
    def has_postgres(self) -> bool:
        return bool(self.postgres_url)

    async def write_postgres(self, sink: Sink) -> None:
        await postgres.write_base_backup(self.data, self.postgres_url, sink)

    @asynccontextmanager
    async def queue(self) -> AsyncIterator[QueueClient | None]:
        settings = self.queue_settings
        if not settings.url:
            yield None
            return
        async with QueueClient.open(
            settings.url, user=settings.user or None, password=settings.password or None
        ) as queue:
            yield queue

    @asynccontextmanager
    async def store(self) -> AsyncIterator[Iterator[Entry] | None]:
        try:
            frozen = await self.freezer.freeze()
        except Problem as problem:
            if problem.status != HTTPStatus.CONFLICT:
                raise
            yield None
            return
        try:
            yield store.frozen_store(self.data / store.DIRECTORY, frozen)
        finally:
            await self.freezer.let_go()


@dataclass(frozen=True, slots=True)
class Stopped:
    """A system that does not run, and whose directory we hold: its files are at rest. Only the queue is started."""

    data: Path
    is_running: bool = False

    @property
    def has_postgres(self) -> bool:
        return (self.data / postgres.CLUSTER).exists()

    async def write_postgres(self, sink: Sink) -> None:
        await asyncio.to_thread(write_tree, postgres.stopped_cluster(self.data), sink)

    @asynccontextmanager
    async def queue(self) -> AsyncIterator[QueueClient | None]:
        if not (self.data / QUEUE).exists():
            yield None
            return
        async with running_nats(self.data) as server, queue_of(server) as queue:
            yield queue

    @asynccontextmanager
    async def store(self) -> AsyncIterator[Iterator[Entry] | None]:
        directory = self.data / store.DIRECTORY
        yield store.stopped_store(directory) if (directory / "store").exists() else None


def queue_of(server: NatsServer) -> AbstractAsyncContextManager[QueueClient]:
    """A connection to a queue that we started."""
    return QueueClient.open(server.url, user=server.user, password=server.password, name="backup")
