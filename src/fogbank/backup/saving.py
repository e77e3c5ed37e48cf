"""Saving: every part in the order that makes them fit each other, into one file that is there whole or not at all.

1. PostgreSQL, so that no charge is ahead of what was used. Billing charges the difference after a restore.
2. The agent's spool and the loose files. What the spool still holds is sent again, and known by its identity.
3. How far the queue's consumers have acknowledged without a gap. All of that is in the usage store.
4. The usage store, frozen while no pass rolls up: readings, then what is said of them, marks last.
5. The queue's messages. All that came into the store after 3 is among them, and is delivered and marked again.
"""

import asyncio
import errno
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from nats.aio.client import Client as NatsConnection

from fogbank.backup import streams
from fogbank.backup.archive import ArchiveWriter, FreeBytes
from fogbank.backup.errors import BackupFailed, NoRoom
from fogbank.backup.files import agent_files, loose_files
from fogbank.backup.model import FORMAT, Manifest, Place, Stream
from fogbank.backup.parts import Parts
from fogbank.backup.trees import Entry, write_tree
from fogbank.runtime.clock import Clock

POSTGRES = "postgres.tar"
FILES = "files.tar"
STORE = "usage.tar"
QUEUE = "queue/"
"""What the names of the streams' members begin with."""


@dataclass(frozen=True, slots=True)
class About:
    """What a backup says of the system it is of."""

    fogbank: str
    postgres: str
    schemas: dict[str, str]
    node_id: str


@dataclass(frozen=True, slots=True)
class Saving:
    """Saves one system. `on_step` is told what is saved next, `on_bytes` how many bytes were read of it."""

    parts: Parts
    about: About
    clock: Clock
    free_bytes: FreeBytes
    on_step: Callable[[str], None]
    on_bytes: Callable[[int], None]

    async def save(self, target: Path) -> Manifest:
        """Write the archive: private, on disk and under its name when this returns. A failure leaves nothing there."""
        with _partial(target) as part:
            return await self._written(part, target)

    async def _written(self, part: Path, target: Path) -> Manifest:
        descriptor = os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w+b") as file:
            writer = ArchiveWriter(file, target, self.free_bytes, self.on_bytes)
            try:
                manifest = await self._everything(writer)
                await asyncio.to_thread(writer.finish, manifest)
            except BaseException:
                writer.stop()
                raise
        return manifest

    async def _everything(self, writer: ArchiveWriter) -> Manifest:
        began_at = self.clock()
        await self._postgres(writer)
        await self._files(writer)
        saved, places = await self._queue_and_store(writer)
        return Manifest(
            format=FORMAT,
            fogbank=self.about.fogbank,
            postgres=self.about.postgres,
            schemas=self.about.schemas,
            node_id=self.about.node_id,
            began_at=began_at,
            ended_at=self.clock(),
            was_running=self.parts.is_running,
            left_out=_left_out(writer, has_queue=bool(saved)),
            members=writer.members,
            streams=saved,
            places=places,
        )

    async def _postgres(self, writer: ArchiveWriter) -> None:
        if self.parts.has_postgres:
            self.on_step("Accounts, ledger and billing")
            with writer.member(POSTGRES) as sink:
                await self.parts.write_postgres(sink)

    async def _files(self, writer: ArchiveWriter) -> None:
        self.on_step("Secrets, settings and spool")
        with tempfile.TemporaryDirectory(dir=self.parts.data / "run") as scratch:
            files = [*loose_files(self.parts.data), *agent_files(self.parts.data, Path(scratch))]
            await self._tree(writer, FILES, files, may_go=True)

    async def _queue_and_store(self, writer: ArchiveWriter) -> tuple[list[Stream], list[Place]]:
        async with self.parts.queue() as queue:
            names = await streams.stream_names(queue.connection) if queue else []
            places = await streams.places(queue.connection, names) if queue else []
            async with self.parts.store() as store:
                saved = [await self._stream(writer, queue.connection, name) for name in names] if queue else []
                if store is not None:
                    self.on_step("Every reading")
                    await self._tree(writer, STORE, store)
        return saved, places

    async def _stream(self, writer: ArchiveWriter, connection: NatsConnection, name: str) -> Stream:
        self.on_step(f"Queue: {name}")
        with writer.member(QUEUE + name) as sink:
            return await streams.save(connection, name, sink)

    async def _tree(self, writer: ArchiveWriter, name: str, entries: Iterable[Entry], *, may_go: bool = False) -> None:
        with writer.member(name) as sink:
            await asyncio.to_thread(write_tree, entries, sink, may_go=may_go)


def _left_out(writer: ArchiveWriter, *, has_queue: bool) -> list[str]:
    """The settings that name the operator's own servers, of which nothing was saved."""
    saved = {member.name for member in writer.members}
    is_in = {"postgres.url": POSTGRES in saved, "queue.url": has_queue, "usage.clickhouse": STORE in saved}
    return [name for name, is_saved in is_in.items() if not is_saved]


@contextmanager
def _partial(target: Path) -> Iterator[Path]:
    """The name to write under, which becomes `target` when the block ends well, and is gone when it does not."""
    if target.exists():
        raise BackupFailed(f"{target} exists already, and a backup never replaces one; name another file.")
    part = target.with_name(target.name + ".part")
    part.unlink(missing_ok=True)  # of a backup that was killed
    try:
        yield part
        part.rename(target)
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise NoRoom(target.parent, "it is full") from error
    finally:
        part.unlink(missing_ok=True)
    _sync_directory(target.parent)


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
