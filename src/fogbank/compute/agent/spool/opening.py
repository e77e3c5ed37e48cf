"""Opening a spool: made if it is not there, brought to today's format, and refused where it is not ours."""

import sqlite3
from pathlib import Path

import msgspec

from fogbank.compute.agent.model import Checkpoint
from fogbank.compute.agent.spool import store
from fogbank.compute.agent.spool.memory import CHECKPOINTS, SEQUENCES, checkpoints_bytes, sequences_bytes

LOCK_PATIENCE_SECONDS = 1.0


class SpoolUnusable(Exception):
    """The spool cannot be used: another agent has it, it is another node's, or it is no spool."""


def connected(path: Path) -> sqlite3.Connection:
    """The file at `path`, opened or made; `SpoolUnusable` where it cannot be."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return sqlite3.connect(path, isolation_level=None, timeout=LOCK_PATIENCE_SECONDS)
    except (sqlite3.Error, OSError) as error:
        raise SpoolUnusable(f"The spool {path} cannot be opened: {error}.") from error


def prepare(connection: sqlite3.Connection, path: Path, node_id: str, now_us: int) -> None:
    """Take the spool for `node_id`; a new one numbers its events from `now_us` on."""
    try:
        for pragma in store.PRAGMAS:
            connection.execute(pragma)
        connection.executescript(store.SCHEMA)
        connection.execute(store.INSERT_NODE_ONCE, (node_id, now_us))
        _bring_to_format(connection, path)
        owner, _ = store.node(connection)
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_BUSY:
            raise SpoolUnusable(f"Another agent is using the spool {path}.") from error
        raise SpoolUnusable(f"The spool {path} cannot be used: {error}.") from error
    if owner != node_id:
        raise SpoolUnusable(f"The spool {path} belongs to the node '{owner}', not to '{node_id}'.")


def _bring_to_format(connection: sqlite3.Connection, path: Path) -> None:
    found: int = connection.execute(store.SELECT_FORMAT).fetchone()[0]
    if found > store.FORMAT:
        raise SpoolUnusable(f"The spool {path} was written by a later version of this program.")
    if found == store.FORMAT:
        return
    connection.execute("BEGIN IMMEDIATE")
    if connection.execute(store.SELECT_HAS_CHECKPOINT_ROWS).fetchone()[0]:
        rows = connection.execute(store.SELECT_CHECKPOINT_ROWS).fetchall()
        checkpoints = {identifier: _checkpoints.decode(blob) for identifier, blob in rows}
        sequences = {identifier: _sequences.decode(blob).sequence for identifier, blob in rows}
        store.remember(connection, CHECKPOINTS, checkpoints_bytes(checkpoints))
        store.remember(connection, SEQUENCES, sequences_bytes(sequences))
    for statement in store.FORMAT_2.split(";"):
        connection.execute(statement)
    connection.execute("COMMIT")


class _Sequence(msgspec.Struct):
    sequence: int = 0


_checkpoints = msgspec.json.Decoder(Checkpoint)
_sequences = msgspec.json.Decoder(_Sequence)
