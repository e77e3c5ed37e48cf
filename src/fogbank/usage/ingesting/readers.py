"""Readers: processes that decode when much waits, because an interpreter decodes on one core only.

They are spawned when a first full batch comes, never forked: the store's engine would hang in a fork. A reader that
dies takes nothing with it but the batch it was reading, which is then read here.
"""

import asyncio
import multiprocessing
import os
import shutil
import signal
import tempfile
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

import structlog

from fogbank.compute.client import NodeBook
from fogbank.kernel.periods import microseconds_of
from fogbank.queue.client import Message
from fogbank.usage.ingesting.reading import Reading, read_some
from fogbank.usage.retention.model import NO_FLOORS, PayerFloors

READERS = max(1, (os.cpu_count() or 1) // 2)
"""Half of the machine reads; the other half stores, rolls up and answers."""
PAYLOAD_BYTES_HERE_MAX = 1024 * 1024
"""Batches up to this size are read in this process: a trickle needs no others."""

_log = structlog.get_logger(__name__)


def _directory_for(dsn: str) -> Path:
    url = urlsplit(dsn)
    if url.scheme == "chdb":
        return Path(f"{url.path}.reading")
    return Path(tempfile.gettempdir()) / f"fogbank-usage-{os.getpid()}"


def _spawning() -> ProcessPoolExecutor:
    return ProcessPoolExecutor(READERS, multiprocessing.get_context("spawn"), initializer=_follow_parent)


def _follow_parent() -> None:
    """Let the parent decide when to stop, and stop when it is gone: a killed parent cannot say so."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    assert parent is not None

    def wait() -> None:
        parent.join()
        os._exit(0)

    threading.Thread(target=wait, daemon=True).start()


@dataclass(slots=True)
class Readers:
    """Reads batches, small ones here and large ones in processes of their own. Without a book all is admitted."""

    directory: Path
    book: NodeBook | None = None
    _processes: ProcessPoolExecutor = field(default_factory=_spawning)

    @classmethod
    @contextmanager
    def open(cls, dsn: str, book: NodeBook | None = None) -> Iterator[Self]:
        """Readers for the store at `dsn`, with a directory beside it for what they read; both are gone at the end.

        What a killed process left there is removed: its messages come again.
        """
        directory = _directory_for(dsn)
        shutil.rmtree(directory, ignore_errors=True)
        directory.mkdir(mode=0o700, parents=True)
        readers = cls(directory, book)
        try:
            yield readers
        finally:
            readers._processes.shutdown(cancel_futures=True)
            shutil.rmtree(readers.directory, ignore_errors=True)

    @property
    def trouble(self) -> str:
        """Why messages wait to be judged; empty where none has to."""
        return self.book.trouble if self.book else ""

    async def may_judge(self, messages: Sequence[Message]) -> None:
        """Wait until all is known by which these messages are to be judged."""
        if self.book and messages:
            await self.book.complete_as_of(microseconds_of(max(message.received_at for message in messages)))

    async def read(self, messages: Sequence[Message], floors: PayerFloors = NO_FLOORS) -> Reading:
        """Read from the front of `messages` until an insert is full, once they may be judged.

        What is not admitted is wrong, and what is below its payer's floor.
        """
        await self.may_judge(messages)
        judging = self.book.judging if self.book else None
        if sum(len(message.payload) for message in messages) > PAYLOAD_BYTES_HERE_MAX:
            processes = self._processes
            try:
                reading = asyncio.get_running_loop().run_in_executor(
                    processes, read_some, messages, self.directory, floors, judging
                )
                return await reading
            except BrokenProcessPool:
                _log.warning("reader_died")
                if self._processes is processes:
                    self._processes = _spawning()
        return await asyncio.to_thread(read_some, messages, self.directory, floors, judging)
