"""The agent's memory on disk: checkpoints, and the batches that the queue has not acknowledged yet. All its SQL.

One SQLite file with one owner. A tick's checkpoints and its batches are written in one transaction, on disk when it
returns, so a crash at any point leaves either all of a tick or nothing of it.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

import msgspec

from fogbank.compute.agent.model import Checkpoint
from fogbank.events.batch import Batch, pack, unpack

EVENTS_PER_BATCH_MAX = 10_000
"""A tick of a usual node is one message: the last one of its subject is then the current picture of all of it."""
RESERVE_BYTES = 1024 * 1024
"""Given back to a full disk, because SQLite needs room even to delete."""

LOCK_PATIENCE_SECONDS = 1.0

PRAGMAS = (
    # One agent per spool: its lock is held until it ends, however it ends.
    "PRAGMA locking_mode = EXCLUSIVE",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
)
SCHEMA = """
    CREATE TABLE IF NOT EXISTS node (
        only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
        node_id TEXT NOT NULL,
        next_number INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE IF NOT EXISTS checkpoints (
        instance_id TEXT PRIMARY KEY,
        checkpoint BLOB NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS batches (
        first_number INTEGER PRIMARY KEY,
        payload BLOB NOT NULL,
        headers BLOB NOT NULL
    ) STRICT;
"""
INSERT_NODE_ONCE = "INSERT INTO node (only_row, node_id, next_number) VALUES (1, ?, ?) ON CONFLICT DO NOTHING"
SELECT_NODE = "SELECT node_id, next_number FROM node"
SELECT_CHECKPOINTS = "SELECT instance_id, checkpoint FROM checkpoints"
UPSERT_CHECKPOINT = """
    INSERT INTO checkpoints (instance_id, checkpoint) VALUES (?, ?)
    ON CONFLICT (instance_id) DO UPDATE SET checkpoint = excluded.checkpoint
"""
DELETE_CHECKPOINT = "DELETE FROM checkpoints WHERE instance_id = ?"
INSERT_BATCH = "INSERT INTO batches (first_number, payload, headers) VALUES (?, ?, ?)"
UPDATE_NEXT_NUMBER = "UPDATE node SET next_number = ?"
SELECT_OLDEST_BATCH = "SELECT first_number, payload, headers FROM batches ORDER BY first_number LIMIT 1"
COUNT_BATCHES = "SELECT count(*) FROM batches"
DELETE_BATCH = "DELETE FROM batches WHERE first_number = ?"


class SpoolUnusable(Exception):
    """The spool cannot be used: another agent has it, it is another node's, or it is no spool."""


class SpoolFull(Exception):
    """The disk has no room for a tick. Nothing of it was written; the next one covers its time too."""


class SpooledBatch(NamedTuple):
    """A batch that waits for the queue, and the number of its first event, by which it is deleted."""

    first_number: int
    batch: Batch


class Spool:
    """An open spool. It belongs to one thread."""

    def __init__(self, connection: sqlite3.Connection, path: Path, node_id: str) -> None:
        self._connection = connection
        self._reserve = path.with_name(path.name + "-reserve")
        self._node_id = node_id
        self._next_number: int = connection.execute(SELECT_NODE).fetchone()[1]

    @classmethod
    @contextmanager
    def open(cls, path: Path, node_id: str, now_us: int) -> Iterator["Spool"]:
        """Open the spool at `path`, made if it is not there; `SpoolUnusable` says why it cannot be.

        A new spool numbers its events from `now_us` on, so that the ids of a lost one's messages do not come again.
        """
        with closing(_connected(path)) as connection:
            _prepare(connection, path, node_id, now_us)
            spool = cls(connection, path, node_id)
            spool._keep_reserve()
            yield spool

    def checkpoints(self) -> dict[str, Checkpoint]:
        """Where the metering of every instance stands."""
        return {identifier: _decoder.decode(blob) for identifier, blob in self._connection.execute(SELECT_CHECKPOINTS)}

    def commit_tick(
        self, checkpoints: Mapping[str, Checkpoint], events: Sequence[bytes], forgotten: Iterable[str] = ()
    ) -> None:
        """Write a tick, whole and on disk when this returns; `SpoolFull` when the disk has no room, and nothing is."""
        number = self._next_number
        batches = [
            self._row(number + start, events[start : start + EVENTS_PER_BATCH_MAX])
            for start in range(0, len(events), EVENTS_PER_BATCH_MAX)
        ]
        moved = [(identifier, _encoder.encode(checkpoint)) for identifier, checkpoint in checkpoints.items()]
        with self._transaction() as connection:
            connection.executemany(UPSERT_CHECKPOINT, moved)
            connection.executemany(DELETE_CHECKPOINT, [(identifier,) for identifier in forgotten])
            connection.executemany(INSERT_BATCH, batches)
            connection.execute(UPDATE_NEXT_NUMBER, (number + len(events),))
        self._next_number = number + len(events)

    def oldest(self) -> SpooledBatch | None:
        """The batch that is to be sent next; None where all are."""
        row = self._connection.execute(SELECT_OLDEST_BATCH).fetchone()
        return row and SpooledBatch(row[0], Batch(row[1], msgspec.json.decode(row[2], type=dict[str, str])))

    def waiting(self) -> int:
        """How many batches the queue has not acknowledged."""
        count: int = self._connection.execute(COUNT_BATCHES).fetchone()[0]
        return count

    def delete(self, batch: SpooledBatch) -> None:
        """Forget a batch that the queue has; on a full disk, in the room that the reserve gives back.

        `SpoolFull` where even that is not enough.
        """
        try:
            self._delete(batch)
        except SpoolFull:
            self._reserve.unlink(missing_ok=True)
            self._delete(batch)
        if self.waiting() == 0:
            self._keep_reserve()

    def split(self, batch: SpooledBatch) -> None:
        """Put two halves in the place of a batch that the queue finds too large; one event alone stays as it is."""
        events = [bytes(event) for event in unpack(batch.batch.payload, batch.batch.headers)]
        half = len(events) // 2
        if half == 0:
            return
        halves = [self._row(batch.first_number, events[:half]), self._row(batch.first_number + half, events[half:])]
        with self._transaction() as connection:
            connection.execute(DELETE_BATCH, (batch.first_number,))
            connection.executemany(INSERT_BATCH, halves)

    def _delete(self, batch: SpooledBatch) -> None:
        with self._transaction() as connection:
            connection.execute(DELETE_BATCH, (batch.first_number,))

    def _row(self, number: int, events: Sequence[bytes]) -> tuple[int, bytes, bytes]:
        batch = pack(events, self._node_id, number, number + len(events) - 1)
        return number, batch.payload, msgspec.json.encode(batch.headers)

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """All or nothing, on disk at its end; `SpoolFull` where the disk has no room for it."""
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            yield self._connection
            self._connection.execute("COMMIT")
        except BaseException as error:
            # SQLite may have rolled back by itself.
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            if isinstance(error, sqlite3.OperationalError) and error.sqlite_errorcode == sqlite3.SQLITE_FULL:
                raise SpoolFull("the disk has no room for the readings") from error
            raise

    def _keep_reserve(self) -> None:
        """Take the reserve where it is not whole; as much of it as the disk has room for."""
        with suppress(OSError):
            if not self._reserve.exists() or self._reserve.stat().st_size < RESERVE_BYTES:
                self._reserve.write_bytes(bytes(RESERVE_BYTES))


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Checkpoint)


def _connected(path: Path) -> sqlite3.Connection:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return sqlite3.connect(path, isolation_level=None, timeout=LOCK_PATIENCE_SECONDS)
    except (sqlite3.Error, OSError) as error:
        raise SpoolUnusable(f"The spool {path} cannot be opened: {error}.") from error


def _prepare(connection: sqlite3.Connection, path: Path, node_id: str, now_us: int) -> None:
    try:
        for pragma in PRAGMAS:
            connection.execute(pragma)
        connection.executescript(SCHEMA)
        connection.execute(INSERT_NODE_ONCE, (node_id, now_us))
        owner = connection.execute(SELECT_NODE).fetchone()[0]
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_BUSY:
            raise SpoolUnusable(f"Another agent is using the spool {path}.") from error
        raise SpoolUnusable(f"The spool {path} cannot be used: {error}.") from error
    if owner != node_id:
        raise SpoolUnusable(f"The spool {path} belongs to the node '{owner}', not to '{node_id}'.")
