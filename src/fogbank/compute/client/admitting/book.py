"""The node book: follows what compute says of nodes, and lets nobody judge by less than there was to know.

A message may be judged once the book is complete as of a later instant than the queue received it. Usually that is one
cheap request for many messages, or none. While compute is away nothing is judged: messages wait in the queue.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, Self

import structlog

from fogbank.compute.client.admission import Mode, Policy
from fogbank.compute.client.admitting.judging import Judging
from fogbank.compute.client.admitting.store import BookWriter, Progress
from fogbank.compute.client.facts import facts_of
from fogbank.compute.client.nodes import NodeChangesView
from fogbank.kernel.periods import instant_of, microseconds_of
from fogbank.runtime.clock import Clock
from fogbank.runtime.component import Health

NODES_PER_PAGE = 20
"""A page of nodes with ten thousand placements each is still some tens of megabytes."""
INTERVAL_SECONDS = 0.25
"""At most so often compute is asked."""
PAUSE_SECONDS = 1.0

_log = structlog.get_logger(__name__)


class NodeChanges(Protocol):
    """Who says what changed of nodes: compute."""

    async def changes(self, changed_since: int, limit: int) -> NodeChangesView:
        """Of which nodes something changed after that cursor, each with all its facts, oldest change first."""


@dataclass(frozen=True, slots=True)
class Admission:
    """What admission is made of: who tells of nodes, where that is kept, what holds for nodes that nobody registered.

    `own_key` is the installation's own public key, in base64; a message that is signed with it needs no placement.
    """

    nodes: NodeChanges
    path: Path
    mode: Mode
    own_key: str


@dataclass(slots=True)
class NodeBook:
    """The book of one process. `trouble` says why judging waits; it is empty while it does not have to.

    `health` is told at once: who waits is in no place to tell.
    """

    nodes: NodeChanges
    writer: BookWriter
    judging: Judging
    clock: Clock
    health: Health
    as_of_us: int = 0
    trouble: str = ""
    _one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)
    _asked_at: float = float("-inf")

    @classmethod
    @contextmanager
    def open(cls, admission: Admission, clock: Clock, health: Health) -> Iterator[Self]:
        """The book at its path, closed at the end. A mode that is new holds from now on, not for what came before."""
        with BookWriter.open(admission.path) as writer:
            modes = writer.modes()
            if not modes or modes[-1][1] != admission.mode:
                writer.add_mode(microseconds_of(clock()) if modes else 0, admission.mode)
            policy = Policy(admission.own_key, tuple(writer.modes()))
            yield cls(admission.nodes, writer, Judging(admission.path, policy), clock, health)

    async def complete_as_of(self, received_us: int) -> None:
        """Wait until all is known that was written down up to `received_us`, however long compute is away."""
        while self.as_of_us <= received_us:
            async with self._one_at_a_time:
                if self.as_of_us <= received_us:
                    await self._ask(received_us)

    async def _ask(self, received_us: int) -> None:
        """Ask once, all pages. Who waits for the same answer does not ask again."""
        now = asyncio.get_running_loop().time()
        await asyncio.sleep(self._asked_at + INTERVAL_SECONDS - now)
        self._asked_at = asyncio.get_running_loop().time()
        try:
            self.as_of_us = await self._followed()
        except Exception as error:  # noqa: BLE001 - whatever it is, nothing is judged before it is known
            self._wait(f"messages wait until compute tells what nodes may say: {error}")
            await asyncio.sleep(PAUSE_SECONDS)
            return
        if self.as_of_us <= received_us:
            self._wait(f"compute's clock shows {instant_of(self.as_of_us)}, and the queue's is ahead of it")
        else:
            self.trouble = ""

    async def _followed(self) -> int:
        """Take every change there is; as of when the book is complete then."""
        while True:
            progress = await asyncio.to_thread(self.writer.progress)
            page = await self.nodes.changes(progress.cursor, NODES_PER_PAGE)
            if page.cursor < progress.cursor:
                # Compute's database is an earlier one: what it does not know any more, it never said.
                _log.warning("node_book_starts_over", cursor=progress.cursor, computes=page.cursor)
                await asyncio.to_thread(self.writer.write, [], Progress(0, progress.revision, progress.revision + 1))
                continue
            await asyncio.to_thread(self._take, page, progress)
            if page.is_complete:
                return microseconds_of(page.as_of)

    def _take(self, page: NodeChangesView, progress: Progress) -> None:
        if page.nodes or page.cursor != progress.cursor:
            # Not only one more than the last: what is remembered of a book that is gone must fit none of a new one.
            revision = max(progress.revision + 1, microseconds_of(self.clock()))
            progress = Progress(page.cursor, revision, progress.void_below)
            self.writer.write([facts_of(view) for view in page.nodes], progress)
        if page.is_complete and progress.void_below:
            self.writer.drop_void(progress)

    def _wait(self, trouble: str) -> None:
        if not self.trouble:
            _log.warning("admission_waits", reason=trouble)
        self.trouble = trouble
        self.health.failed(trouble)
