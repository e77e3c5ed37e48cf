"""The spool: a tick is kept whole, a batch until the queue has it, and no more than so many bytes of them.

One SQLite file with one owner. A tick's checkpoints and its readings are written in one transaction, on disk when it
returns, so a crash at any point leaves either all of a tick or nothing of it.

Where nothing waits, a tick's readings are numbered as they are written: they are sent at once. Where something does,
they wait without numbers, and are numbered in the transaction that says, before they are first sent, that the queue may
have them. Only what waits without numbers may be coalesced.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from fogbank.compute.agent.model import Checkpoint
from fogbank.compute.agent.spool import memory, store
from fogbank.compute.agent.spool.coalescing import SpooledTick, coalesced, neighbours_to_coalesce
from fogbank.compute.agent.spool.disk import Disk, SpoolFull, Write
from fogbank.compute.agent.spool.numbering import numbered
from fogbank.compute.agent.spool.opening import connected, prepare
from fogbank.compute.agent.spool.reserve import Reserve
from fogbank.compute.agent.spool.store import Size, SpooledBatch
from fogbank.events.batch import pack, unpack
from fogbank.events.usage_event import UsageEvent, decode_event, encode_event, instant_us

EVENTS_PER_BATCH_MAX = 10_000
"""A tick of a usual node is one message: the last one of its subject is then the current picture of all of it."""
SPOOL_BYTES_MAX = 256 * 1024 * 1024
"""Days of a thousand instances every 30 seconds; coalesced, months."""
COALESCED_PER_TICK_MAX = 8
"""How often a tick makes room for itself on a full disk, before it is refused."""


class Spool:
    """An open spool. It belongs to one thread."""

    def __init__(self, connection: sqlite3.Connection, path: Path, node_id: str, bytes_max: int) -> None:
        self.bytes_max = bytes_max
        self._connection = connection
        self._disk = Disk(connection, Reserve(path))
        self._node_id = node_id
        _, self._next_number = store.node(connection)
        self._sequences = memory.sequences_of(store.recall(connection, memory.SEQUENCES))
        self._size = store.size(connection)

    @classmethod
    @contextmanager
    def open(cls, path: Path, node_id: str, now_us: int, bytes_max: int = SPOOL_BYTES_MAX) -> Iterator["Spool"]:
        """Open the spool at `path`, made if it is not there; `SpoolUnusable` says why it cannot be.

        It keeps up to `bytes_max` of packed readings. A new spool numbers its events from `now_us` on, so that the ids
        of a lost one's messages do not come again.
        """
        with closing(connected(path)) as connection:
            prepare(connection, path, node_id, now_us)
            yield cls(connection, path, node_id, bytes_max)

    @property
    def used_bytes(self) -> int:
        """How much of `bytes_max` is taken by what waits for the queue."""
        return self._size.payload_bytes

    def waiting(self) -> int:
        """How many batches the queue has not acknowledged."""
        return self._size.batches

    def checkpoints(self) -> dict[str, Checkpoint]:
        """Where the metering of every instance stands."""
        return memory.checkpoints_of(store.recall(self._connection, memory.CHECKPOINTS))

    def configuration(self) -> bytes | None:
        """The node's configuration that was last kept here."""
        return store.recall(self._connection, memory.CONFIGURATION)

    def keep_configuration(self, configuration: bytes) -> None:
        """Keep it for the next start; `SpoolFull` where the disk has no room."""
        self._disk.write(lambda connection: store.remember(connection, memory.CONFIGURATION, configuration))

    def commit_tick(self, checkpoints: Mapping[str, Checkpoint], events: Sequence[UsageEvent]) -> int:
        """Write all checkpoints and a tick's readings, on disk when this returns; `SpoolFull` where there is no room.

        Returns how many times two older ticks were made one to make room for it.
        """
        number, is_sent_at_once = self._next_number, self.waiting() == 0
        encoded, sequences = map(encode_event, events), self._sequences
        if is_sent_at_once:
            lines, given = numbered(encoded, sequences)
            sequences = {known: last for known, last in sequences.items() if known in checkpoints} | given
        else:
            lines = list(encoded)
        batches = self._batches(number, lines, is_attempted=is_sent_at_once)
        tick = _tick_of(number, events)

        def write(connection: sqlite3.Connection) -> None:
            store.remember(connection, memory.CHECKPOINTS, memory.checkpoints_bytes(checkpoints))
            if sequences is not self._sequences:
                store.remember(connection, memory.SEQUENCES, memory.sequences_bytes(sequences))
            store.insert(connection, batches, tick)
            store.next_number_is(connection, number + len(lines))

        coalesced_times = self._write_in_room_for(_payload_bytes(batches), write)
        self._next_number, self._sequences = number + len(lines), sequences
        self._grew(batches)
        return coalesced_times

    def to_send(self) -> SpooledBatch | None:
        """The batch that is to be sent next, None where all are. From now on it stays as it is: it may be on the queue.

        `SpoolFull` where that cannot be written down.
        """
        batch = store.oldest(self._connection)
        if batch is None or batch.is_attempted:
            return batch
        lines, given = numbered(unpack(batch.batch.payload, batch.batch.headers), self._sequences)
        (fixed,) = self._batches(batch.first_number, lines, is_attempted=True)
        sequences = self._sequences | given

        def write(connection: sqlite3.Connection) -> None:
            store.remember(connection, memory.SEQUENCES, memory.sequences_bytes(sequences))
            store.attempted(connection, fixed)

        self._disk.write(write)
        self._sequences = sequences
        self._shrank([batch])
        self._grew([fixed])
        return fixed

    def delete(self, batch: SpooledBatch) -> None:
        """Forget a batch that the queue has; `SpoolFull` where the disk has not even the room for that."""
        self._disk.write(lambda connection: store.delete(connection, [batch]))
        self._shrank([batch])

    def split(self, batch: SpooledBatch) -> None:
        """Put two halves in the place of a batch that the queue finds too large; one event alone stays as it is."""
        lines = [bytes(line) for line in unpack(batch.batch.payload, batch.batch.headers)]
        half = len(lines) // 2
        if half == 0:
            return
        first, middle = batch.first_number, batch.first_number + half
        halves = [
            *self._batches(first, lines[:half], is_attempted=True),
            *self._batches(middle, lines[half:], is_attempted=True),
        ]

        def write(connection: sqlite3.Connection) -> None:
            store.delete(connection, [batch])
            store.insert(connection, halves)

        self._disk.write(write)
        self._shrank([batch])
        self._grew(halves)

    def _coalesce(self) -> bool:
        """Make two neighbouring ticks one, where there are such."""
        pair = neighbours_to_coalesce(store.waiting_ticks(self._connection))
        if pair is None:
            return False
        before, after = pair
        old = store.of_ticks(self._connection, before, after)
        lines = [line for batch in old for line in unpack(batch.batch.payload, batch.batch.headers)]
        events = coalesced([decode_event(line) for line in lines])
        # Not from the tick's own number on: the queue may have its first part under that.
        number = old[0].first_number
        new = self._batches(number, [encode_event(event) for event in events], is_attempted=False)
        both = SpooledTick(number, before.ticks + after.ticks, before.first_end_us, after.last_end_us)

        def write(connection: sqlite3.Connection) -> None:
            store.delete(connection, old)
            store.insert(connection, new, both)

        self._disk.write(write)
        self._shrank(old)
        self._grew(new)
        return True

    def _write_in_room_for(self, payload_bytes: int, write: Write) -> int:
        times = 0
        while self.used_bytes + payload_bytes > self.bytes_max:
            if not self._coalesce():
                raise SpoolFull(f"{self.used_bytes} bytes of readings wait for the queue, as coarse as an hour allows")
            times += 1
        while True:
            try:
                self._disk.write(write)
            except SpoolFull:
                if times >= COALESCED_PER_TICK_MAX or not self._coalesce():
                    raise
                times += 1
            else:
                return times

    def _batches(self, number: int, lines: Sequence[bytes], *, is_attempted: bool) -> list[SpooledBatch]:
        """The lines as batches of a size that the queue takes, numbered on from `number`."""
        batches: list[SpooledBatch] = []
        for start in range(0, len(lines), EVENTS_PER_BATCH_MAX):
            part, first = lines[start : start + EVENTS_PER_BATCH_MAX], number + start
            packed = pack(part, self._node_id, first, first + len(part) - 1)
            batches.append(SpooledBatch(first, packed, is_attempted))
        return batches

    def _grew(self, batches: Sequence[SpooledBatch]) -> None:
        self._size = Size(self._size.batches + len(batches), self._size.payload_bytes + _payload_bytes(batches))

    def _shrank(self, batches: Sequence[SpooledBatch]) -> None:
        self._size = Size(self._size.batches - len(batches), self._size.payload_bytes - _payload_bytes(batches))


def _payload_bytes(batches: Iterable[SpooledBatch]) -> int:
    return sum(len(batch.batch.payload) for batch in batches)


def _tick_of(number: int, events: Sequence[UsageEvent]) -> SpooledTick:
    end_us = instant_us(events[0].period.end) if events else None
    return SpooledTick(number, 1, end_us or 0, end_us or 0)
