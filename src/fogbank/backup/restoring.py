"""Restoring: everything into a directory aside, which becomes the data directory when it is whole."""

import asyncio
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from fogbank.backup import postgres, store, streams
from fogbank.backup.archive import ArchiveReader, FreeBytes
from fogbank.backup.errors import BackupFailed, NoRoom
from fogbank.backup.files import AGENT
from fogbank.backup.model import Manifest
from fogbank.backup.parts import queue_of
from fogbank.backup.saving import FILES, POSTGRES, QUEUE, STORE
from fogbank.backup.trees import extract_tree
from fogbank.runtime.embedded import running_nats
from fogbank.runtime.embedded.files import private_directory
from fogbank.runtime.embedded.owner import owner_for
from fogbank.runtime.supervisor.lock import is_held

RESERVE_BYTES = 256 * 1024 * 1024
"""Left free besides: `up` wants that much."""
OF_THE_RESTORE = ("run", "logs")
"""What the queue leaves that was started to take its streams."""


@dataclass(frozen=True, slots=True)
class Restoring:
    """Restores one archive, which was verified, as the directory `data`.

    `node_id` is this machine's: the spool of another one is kept under that one's name, since no agent here may use it.
    """

    archive: ArchiveReader
    data: Path
    node_id: str
    free_bytes: FreeBytes
    on_step: Callable[[str], None]

    @property
    def manifest(self) -> Manifest:
        return self.archive.manifest

    async def restore(self) -> None:
        """Make the directory; whatever fails, it is then as it was before."""
        require_vacant(self.data)
        with _aside(self.data) as aside:
            self._require_room()
            await asyncio.to_thread(self._extract, aside)
            await self._fill_queue(aside)
            self._set_spool_aside(aside)
            await asyncio.to_thread(os.sync)

    def _require_room(self) -> None:
        needed = self.manifest.content_bytes + RESERVE_BYTES
        if self.free_bytes(self.data.parent) < needed:
            raise NoRoom(self.data.parent, f"{needed >> 20} MiB are needed")

    def _extract(self, aside: Path) -> None:
        self.on_step("Secrets, settings and spool")
        self._tree(FILES, aside)
        if self.manifest.has(POSTGRES):
            self.on_step("Accounts, ledger and billing")
            cluster = aside / postgres.CLUSTER
            owner = owner_for(cluster)
            ids = (owner.uid, owner.gid) if owner else None
            self._tree(POSTGRES, private_directory(cluster, *(ids or ())), ids)
        if self.manifest.has(STORE):
            self.on_step("Every reading")
            self._tree(STORE, private_directory(aside / store.DIRECTORY))

    def _tree(self, name: str, directory: Path, owner: tuple[int, int] | None = None) -> None:
        with self.archive.member(name) as source:
            extract_tree(source, directory, owner)

    async def _fill_queue(self, aside: Path) -> None:
        if not self.manifest.streams:
            return
        async with running_nats(aside) as server, queue_of(server) as queue:
            for stream in self.manifest.streams:
                self.on_step(f"Queue: {stream.name}")
                with self.archive.member(QUEUE + stream.name) as source:
                    await streams.restore(queue.connection, stream, source)
            for place in self.manifest.places:
                await streams.put_in_place(queue.connection, place)
        for name in OF_THE_RESTORE:
            shutil.rmtree(aside / name, ignore_errors=True)

    def _set_spool_aside(self, aside: Path) -> None:
        if self.node_id != self.manifest.node_id and (aside / AGENT).exists():
            (aside / AGENT).rename(aside / spool_of(self.manifest.node_id))


@contextmanager
def _aside(data: Path) -> Iterator[Path]:
    """A directory beside `data` that becomes it when the block ends well, and is gone when it does not."""
    data.parent.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(prefix=f"{data.name}.restoring-", dir=data.parent))
    try:
        aside.chmod(0o711)
        yield aside
        aside.rename(data)
    except BaseException:
        shutil.rmtree(aside, ignore_errors=True)
        raise


def spool_of(node_id: str) -> str:
    """Where the spool of another machine is kept."""
    return f"{AGENT}-of-{node_id}"


def require_vacant(data: Path) -> None:
    """`BackupFailed` unless the directory is not there or empty: nothing is ever replaced."""
    if is_held(data):
        raise BackupFailed(f"Fogbank is running in {data}; a backup is restored into a directory of its own (--data).")
    if data.is_symlink() or (data.exists() and not data.is_dir()):
        raise BackupFailed(f"{data} is not a directory; name one that is empty, or not there yet (--data).")
    if data.exists() and any(data.iterdir()):
        raise BackupFailed(
            f"{data} is not empty, and nothing is ever replaced; move it away, or name another (--data)."
        )
    if data.exists() and os.path.ismount(data):
        raise BackupFailed(f"{data} is where a disk is mounted; name a directory on it that is not there yet (--data).")
