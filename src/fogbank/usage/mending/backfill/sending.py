"""Sending a file: every line judged, the valid ones published in batches, each confirmed once, the rest set beside it.

A batch's name is made of the file's hash and its number, and the readings' identities make the rest: a run that broke
off is taken up where it was, and a file that is sent again changes nothing.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

import msgspec

from fogbank.events.batch import MESSAGE_ID, Batch, pack
from fogbank.events.signing import signed
from fogbank.events.usage_event import EventRejected, Rejection, require_valid
from fogbank.queue.client import QueueClient, QueueUnavailable, usage_subject
from fogbank.runtime.clock import MonotonicClock
from fogbank.usage.mending.backfill.files import Chunk, chunks_of, sha256_of
from fogbank.usage.mending.backfill.journal import Journal

UNCONFIRMED_MAX = 16
RETRY_SECONDS = 0.5
PATIENCE_SECONDS = 120.0
"""How long one batch is offered to a queue that does not confirm it, before the run ends."""


@dataclass(slots=True)
class Sent:
    """What became of a file's lines: `accepted` of them were valid, and of those `sent` were not confirmed before."""

    sha256: str
    lines: int = 0
    accepted: int = 0
    rejected: int = 0
    sent: int = 0
    batches: int = 0


@dataclass(frozen=True, slots=True)
class Backfill:
    """Sends files in the name of `node_id`, and remembers in `directory` what was confirmed.

    `on_progress` is told how far into the file it is, from 0 to 1. With `queue` None nothing is sent or remembered.
    Batches are signed by the installation's own private key `seed`, which may speak for every node.
    """

    queue: QueueClient | None
    node_id: str
    directory: Path
    now_us: int
    monotonic: MonotonicClock
    on_progress: Callable[[float], None]
    patience_seconds: float = PATIENCE_SECONDS
    seed: bytes | None = None

    async def send(self, path: Path) -> Sent:
        """Send one file; returns after the queue has all that is valid in it. `FileUnreadable` where it is broken."""
        sent = Sent(await asyncio.to_thread(sha256_of, path))
        opening = Journal.open(self.directory / f"{sent.sha256}-{self.node_id}") if self.queue else nullcontext()
        with opening as journal, _rejecting(rejected_path(path)) as reject:
            room = asyncio.Semaphore(UNCONFIRMED_MAX)
            failed: QueueUnavailable | None = None
            try:
                async with asyncio.TaskGroup() as sending:
                    for chunk in chunks_of(path):
                        valid = self._judged(chunk, sent, reject)
                        if valid and self.queue is not None and journal and chunk.number not in journal.confirmed:
                            await room.acquire()
                            under_way = self._send(self.queue, journal, chunk.number, valid, sent)
                            sending.create_task(under_way).add_done_callback(lambda _: room.release())
                        self.on_progress(chunk.progress)
                        await asyncio.sleep(0)
            except* QueueUnavailable as failures:
                failed = QueueUnavailable(str(failures.exceptions[0]))
            # Raised out here: from inside `except*` some releases of Python 3.11 wrap it in a group.
            if failed is not None:
                raise failed
        return sent

    def _judged(self, chunk: Chunk, sent: Sent, reject: "Reject") -> list[bytes]:
        valid: list[bytes] = []
        for number, line in chunk.lines:
            try:
                require_valid(line, self.now_us)
            except EventRejected as error:
                reject(number, line, error.rejection)
            else:
                valid.append(line)
        sent.lines += len(chunk.lines)
        sent.accepted += len(valid)
        sent.rejected += len(chunk.lines) - len(valid)
        return valid

    async def _send(self, queue: QueueClient, journal: Journal, chunk: int, lines: list[bytes], sent: Sent) -> None:
        batch = pack(lines, self.node_id, chunk, chunk)
        name = f"backfill:{sent.sha256[:32]}:{self.node_id}:{chunk}"
        named = Batch(batch.payload, {**batch.headers, MESSAGE_ID: name})
        await self._publish(queue, signed(named, self.seed) if self.seed else named)
        journal.confirm(chunk)
        sent.sent += len(lines)
        sent.batches += 1

    async def _publish(self, queue: QueueClient, batch: Batch) -> None:
        gives_up_at = self.monotonic() + self.patience_seconds
        while True:
            try:
                await queue.publish(usage_subject(self.node_id), batch)
            except QueueUnavailable:
                if self.monotonic() >= gives_up_at:
                    raise
                await asyncio.sleep(RETRY_SECONDS)
            else:
                return


Reject = Callable[[int, bytes, Rejection], None]


def rejected_path(path: Path) -> Path:
    """Where the lines of a file that are not valid go: beside it."""
    return path.with_name(f"{path.name}.rejected.ndjson")


@contextmanager
def _rejecting(path: Path) -> Iterator[Reject]:
    """Writes what is not valid: the line's number, the field, the reason and the line. No file where all is valid."""
    path.unlink(missing_ok=True)

    def reject(number: int, line: bytes, rejection: Rejection) -> None:
        said = {"line": number, "field": rejection.field, "reason": rejection.reason}
        with path.open("ab") as file:
            file.write(msgspec.json.encode({**said, "event": line.decode(errors="replace")}) + b"\n")

    yield reject
