# ruff: noqa: S608 - the SQL is put together from this module's own constants
"""The book on disk: what compute said of each node, in one SQLite file. All its SQL.

One process writes it; the processes that read messages look nodes up in it. Facts, and the cursor up to which they
are complete, are written in one transaction, so that a kill or a power cut leaves both or neither. It is a copy: a
file of another version, or none at all, is made anew from what compute says.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Lock
from typing import NamedTuple, Self

import msgspec

from fogbank.compute.client.admission import Mode
from fogbank.compute.client.facts import NodeFacts, NodeIdentity, Placement, Placements

VERSION = 1
PATIENCE_SECONDS = 30.0

PRAGMAS = ("PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL")
SELECT_VERSION = "PRAGMA user_version"
SCHEMA = f"""
    BEGIN;
    CREATE TABLE nodes (
        node_id TEXT PRIMARY KEY,
        revision INTEGER NOT NULL,
        identity BLOB NOT NULL,
        placements BLOB NOT NULL
    ) STRICT;
    CREATE TABLE progress (
        only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
        cursor INTEGER NOT NULL,
        revision INTEGER NOT NULL,
        void_below INTEGER NOT NULL
    ) STRICT;
    INSERT INTO progress VALUES (1, 0, 0, 0);
    CREATE TABLE modes (since_us INTEGER PRIMARY KEY, mode TEXT NOT NULL) STRICT;
    PRAGMA user_version = {VERSION};
    COMMIT;
"""
SELECT_PROGRESS = "SELECT cursor, revision, void_below FROM progress"
UPDATE_PROGRESS = "UPDATE progress SET cursor = ?, revision = ?, void_below = ?"
UPSERT_NODE = """
    INSERT INTO nodes (node_id, revision, identity, placements) VALUES (?, ?, ?, ?)
    ON CONFLICT (node_id) DO UPDATE
    SET revision = excluded.revision, identity = excluded.identity, placements = excluded.placements
"""
DELETE_VOID = "DELETE FROM nodes WHERE revision < ?"
SELECT_MODES = "SELECT since_us, mode FROM modes ORDER BY since_us"
INSERT_MODE = "INSERT INTO modes (since_us, mode) VALUES (?, ?) ON CONFLICT DO UPDATE SET mode = excluded.mode"
SELECT_IDENTITY = "SELECT revision, identity FROM nodes WHERE node_id = ?"
SELECT_PLACEMENTS = "SELECT placements FROM nodes WHERE node_id = ?"

_encode = msgspec.msgpack.Encoder().encode
_identity = msgspec.msgpack.Decoder(NodeIdentity)
_placements = msgspec.msgpack.Decoder(list[Placement])


class Progress(NamedTuple):
    """How far the book is: compute's cursor, and the last revision of its own, which grows for ever.

    While everything is read anew, what has a revision lower than `void_below` holds until that is done, then goes.
    """

    cursor: int
    revision: int
    void_below: int


class KnownNode(NamedTuple):
    """Who a node is. Where the revision is the same, all the facts about it are.

    `is_decided`: an administrator sends in its name, and readings of what is placed nowhere are taken as they are.
    """

    revision: int
    identity: NodeIdentity
    is_decided: bool = False


class BookWriter:
    """The book, open for writing, from any thread."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        # Who waits for a thread that writes may be cancelled; the thread goes on, and the next one must not cut in.
        self._one_at_a_time = Lock()

    @classmethod
    @contextmanager
    def open(cls, path: Path) -> Iterator[Self]:
        """The book at `path`, made where there is none of this version."""
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not _is_of_this_version(path):
            for name in (path.name, f"{path.name}-wal", f"{path.name}-shm"):
                path.with_name(name).unlink(missing_ok=True)
        connection = sqlite3.connect(path, timeout=PATIENCE_SECONDS, isolation_level=None, check_same_thread=False)
        with closing(connection):
            for pragma in PRAGMAS:
                connection.execute(pragma)
            if _version_of(connection) != VERSION:
                connection.executescript(SCHEMA)
            writer = cls(connection)
            try:
                yield writer
            finally:
                writer._one_at_a_time.acquire()

    def progress(self) -> Progress:
        return Progress(*self._connection.execute(SELECT_PROGRESS).fetchone())

    def modes(self) -> list[tuple[int, Mode]]:
        """Since when which mode of admission holds, oldest first."""
        return self._connection.execute(SELECT_MODES).fetchall()

    def add_mode(self, since_us: int, mode: Mode) -> None:
        self._connection.execute(INSERT_MODE, (since_us, mode))

    def write(self, nodes: Sequence[NodeFacts], progress: Progress) -> None:
        """Write these nodes at `progress.revision`, and how far that brings us; on disk when it returns."""
        rows = [
            (each.identity.node_id, progress.revision, _encode(each.identity), _encode(each.placements.each))
            for each in nodes
        ]
        with self._transaction():
            self._connection.executemany(UPSERT_NODE, rows)
            self._connection.execute(UPDATE_PROGRESS, progress)

    def drop_void(self, progress: Progress) -> None:
        """Everything was read anew: what was not among it is gone."""
        with self._transaction():
            self._connection.execute(DELETE_VOID, (progress.void_below,))
            self._connection.execute(UPDATE_PROGRESS, progress._replace(void_below=0))

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._one_at_a_time, self._connection:
            self._connection.execute("BEGIN IMMEDIATE")
            yield


class BookReader:
    """The book, open for looking nodes up. It belongs to one thread."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    @classmethod
    @contextmanager
    def open(cls, path: Path) -> Iterator[Self]:
        """The book at `path`, which its writer has open."""
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", PATIENCE_SECONDS, uri=True)
        with closing(connection):
            yield cls(connection)

    def node(self, node_id: str) -> KnownNode | None:
        """Who that node is; None where none of that name was ever registered."""
        row = self._connection.execute(SELECT_IDENTITY, (node_id,)).fetchone()
        return None if row is None else KnownNode(row[0], _identity.decode(row[1]))

    def placements(self, node_id: str) -> Placements:
        """What is and was on a node that is in the book; at its revision, or at a later one."""
        return Placements(_placements.decode(self._connection.execute(SELECT_PLACEMENTS, (node_id,)).fetchone()[0]))


def _is_of_this_version(path: Path) -> bool:
    if not path.exists():
        return False
    try:
        with closing(sqlite3.connect(path)) as connection:
            return _version_of(connection) == VERSION
    except sqlite3.DatabaseError:
        return False


def _version_of(connection: sqlite3.Connection) -> int:
    return int(connection.execute(SELECT_VERSION).fetchone()[0])
