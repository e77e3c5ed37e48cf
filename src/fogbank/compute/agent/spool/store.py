"""All SQL of the spool. Each function takes the connection first; who calls it holds the transaction.

A tick's readings are one batch, or several where they are many; `tick` is the number of the first of them. A batch that
was attempted may be on the queue already, under its id: it never changes again.
"""

import sqlite3
from collections.abc import Iterable
from typing import NamedTuple

import msgspec

from fogbank.compute.agent.spool.coalescing import SpooledTick
from fogbank.events.batch import Batch

FORMAT = 2
PRAGMAS = (
    # One agent per spool: its lock is held until it ends, however it ends.
    "PRAGMA locking_mode = EXCLUSIVE",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    # A megabyte: the reserve is more than that and a tick.
    "PRAGMA wal_autocheckpoint = 256",
    "PRAGMA temp_store = MEMORY",
    "PRAGMA cache_size = -512",
)
SCHEMA = """
    CREATE TABLE IF NOT EXISTS node (
        only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
        node_id TEXT NOT NULL,
        next_number INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE IF NOT EXISTS memory (
        name TEXT PRIMARY KEY,
        value BLOB NOT NULL
    ) STRICT;
    CREATE TABLE IF NOT EXISTS batches (
        first_number INTEGER PRIMARY KEY,
        payload BLOB NOT NULL,
        headers BLOB NOT NULL
    ) STRICT;
"""
FORMAT_2 = """
    ALTER TABLE batches ADD COLUMN is_attempted INTEGER NOT NULL DEFAULT 1;
    ALTER TABLE batches ADD COLUMN tick INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE batches ADD COLUMN ticks INTEGER NOT NULL DEFAULT 1;
    ALTER TABLE batches ADD COLUMN first_end_us INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE batches ADD COLUMN last_end_us INTEGER NOT NULL DEFAULT 0;
    CREATE INDEX waiting_ticks ON batches (tick, ticks, first_end_us, last_end_us) WHERE is_attempted = 0;
    DROP TABLE IF EXISTS checkpoints;
    PRAGMA user_version = 2;
"""
"""The first format had a row for each checkpoint, and only batches that could not change any more."""

SELECT_FORMAT = "PRAGMA user_version"
SELECT_HAS_CHECKPOINT_ROWS = "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'checkpoints'"
SELECT_CHECKPOINT_ROWS = "SELECT instance_id, checkpoint FROM checkpoints"
INSERT_NODE_ONCE = "INSERT INTO node (only_row, node_id, next_number) VALUES (1, ?, ?) ON CONFLICT DO NOTHING"
SELECT_NODE = "SELECT node_id, next_number FROM node"
UPDATE_NEXT_NUMBER = "UPDATE node SET next_number = ?"
SELECT_MEMORY = "SELECT value FROM memory WHERE name = ?"
UPSERT_MEMORY = """
    INSERT INTO memory (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value
"""
INSERT_BATCH = """
    INSERT INTO batches (first_number, payload, headers, is_attempted, tick, ticks, first_end_us, last_end_us)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)
"""
SELECT_OLDEST = "SELECT first_number, payload, headers, is_attempted FROM batches ORDER BY first_number LIMIT 1"
SELECT_SIZE = "SELECT count(*), coalesce(sum(length(payload)), 0) FROM batches"
SELECT_WAITING_TICKS = """
    SELECT DISTINCT tick, ticks, first_end_us, last_end_us FROM batches WHERE is_attempted = 0 ORDER BY tick
"""
SELECT_OF_TICKS = """
    SELECT first_number, payload, headers, is_attempted FROM batches
    WHERE is_attempted = 0 AND tick IN (?, ?) ORDER BY first_number
"""
UPDATE_ATTEMPTED = "UPDATE batches SET payload = ?, is_attempted = 1 WHERE first_number = ?"
DELETE_BATCH = "DELETE FROM batches WHERE first_number = ?"


class SpooledBatch(NamedTuple):
    """A batch that waits for the queue, and the number of its first event, by which it is known."""

    first_number: int
    batch: Batch
    is_attempted: bool


NO_TICK = SpooledTick(0, 1, 0, 0)


class Size(NamedTuple):
    """How much waits for the queue."""

    batches: int
    payload_bytes: int


def node(connection: sqlite3.Connection) -> tuple[str, int]:
    """Whose spool it is, and the number of the next event."""
    node_id, next_number = connection.execute(SELECT_NODE).fetchone()
    return node_id, next_number


def next_number_is(connection: sqlite3.Connection, number: int) -> None:
    connection.execute(UPDATE_NEXT_NUMBER, (number,))


def recall(connection: sqlite3.Connection, name: str) -> bytes | None:
    """What was remembered under that name."""
    row: tuple[bytes] | None = connection.execute(SELECT_MEMORY, (name,)).fetchone()
    return row and row[0]


def remember(connection: sqlite3.Connection, name: str, value: bytes) -> None:
    connection.execute(UPSERT_MEMORY, (name, value))


def insert(connection: sqlite3.Connection, batches: Iterable[SpooledBatch], tick: SpooledTick = NO_TICK) -> None:
    """Put batches into the spool, those of a tick that may still be coalesced as its parts."""
    rows = [
        (first_number, batch.payload, msgspec.json.encode(batch.headers), is_attempted, *tick)
        for first_number, batch, is_attempted in batches
    ]
    connection.executemany(INSERT_BATCH, rows)


def oldest(connection: sqlite3.Connection) -> SpooledBatch | None:
    row = connection.execute(SELECT_OLDEST).fetchone()
    return row and _batch_of(row)


def size(connection: sqlite3.Connection) -> Size:
    return Size(*connection.execute(SELECT_SIZE).fetchone())


def waiting_ticks(connection: sqlite3.Connection) -> list[SpooledTick]:
    """The ticks that were never attempted, in their order."""
    return [SpooledTick(*row) for row in connection.execute(SELECT_WAITING_TICKS)]


def of_ticks(connection: sqlite3.Connection, one: SpooledTick, other: SpooledTick) -> list[SpooledBatch]:
    """The batches of two ticks that were never attempted, in their order."""
    return [_batch_of(row) for row in connection.execute(SELECT_OF_TICKS, (one.key, other.key))]


def attempted(connection: sqlite3.Connection, batch: SpooledBatch) -> None:
    """Fix what a batch is, before it is sent for the first time."""
    connection.execute(UPDATE_ATTEMPTED, (batch.batch.payload, batch.first_number))


def delete(connection: sqlite3.Connection, batches: Iterable[SpooledBatch]) -> None:
    connection.executemany(DELETE_BATCH, [(batch.first_number,) for batch in batches])


def _batch_of(row: tuple[int, bytes, bytes, int]) -> SpooledBatch:
    first_number, payload, headers, is_attempted = row
    return SpooledBatch(first_number, Batch(payload, _headers.decode(headers)), bool(is_attempted))


_headers = msgspec.json.Decoder(dict[str, str])
