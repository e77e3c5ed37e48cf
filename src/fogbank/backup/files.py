"""Everything else in the data directory: secrets, settings, and the agent's spool as it is between two writes."""

import shutil
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

from fogbank.backup.errors import BackupFailed
from fogbank.backup.trees import Entry, entries_of

AGENT = "agent"
SPOOL = "spool.sqlite"
APART = frozenset({"postgres", "nats", "usage", "usage.reading", "node-book", "run", "logs", AGENT})
"""Saved in their own ways, or made anew by every start."""
COPIED_PROGRAMS = "postgres-"
SETTLE_SECONDS = 0.05
"""Longer than the grain of a file's time: who writes after that changes it."""
ATTEMPTS_MAX = 100


def loose_files(data: Path) -> Iterator[Entry]:
    """What no component saves in a way of its own."""

    def wanted(below: Path) -> bool:
        top = below.parts[0]
        return top not in APART and not top.startswith(COPIED_PROGRAMS) and not below.name.endswith(".new")

    return entries_of(data, wanted)


def agent_files(data: Path, scratch: Path) -> Iterator[Entry]:
    """The agent's spool, copied to `scratch` while nobody wrote to it."""
    spool = data / AGENT / SPOOL
    if spool.exists():
        yield AGENT, spool.parent
        yield f"{AGENT}/{SPOOL}", copy_at_rest(spool, scratch)


def copy_at_rest(spool: Path, scratch: Path) -> Path:
    """A copy of the database that its owner keeps locked: taken between two of its writes, log included, and checked.

    SQLite's own backup would need its lock, which the agent holds for as long as it lives.
    """
    files = [spool, spool.with_name(spool.name + "-wal")]
    for _ in range(ATTEMPTS_MAX):
        before = _told(files)
        time.sleep(SETTLE_SECONDS)
        if _told(files) != before:
            continue
        for file in files:
            (scratch / file.name).unlink(missing_ok=True)
            if file.exists():
                shutil.copyfile(file, scratch / file.name)
        if _told(files) == before:
            return _folded(scratch / spool.name)
    raise BackupFailed(f"The agent's spool {spool} was written to all the time; stop the agent, or try again.")


def _told(files: Sequence[Path]) -> list[tuple[int, int] | None]:
    return [(file.stat().st_mtime_ns, file.stat().st_size) if file.exists() else None for file in files]


def _folded(copy: Path) -> Path:
    """The copy with its log written into it, one file that is whole."""
    with closing(sqlite3.connect(copy, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
        [verdict] = connection.execute("PRAGMA quick_check(1)").fetchone()
    if verdict != "ok":
        raise BackupFailed(f"The agent's spool is damaged ({verdict}); it was not saved.")
    return copy
