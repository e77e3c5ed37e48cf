"""Writing to a disk that may be full: what is in the spool can be sent and deleted all the same.

A full disk is met in three steps. The reserve is given back, so that the write-ahead log gets into the database. From
then on the database may not grow, so that what is written next takes the room of what was deleted, and nothing is
promised that the disk has no room for. And the reserve is taken again, as far as there is room; when it is whole, the
database may grow again.
"""

import sqlite3
from collections.abc import Callable
from contextlib import suppress

from fogbank.compute.agent.spool.reserve import Reserve

Write = Callable[[sqlite3.Connection], None]

PAGES_MAX = 1_073_741_823
"""SQLite's own limit, which it keeps where we set none."""


class SpoolFull(Exception):
    """There is no room for a tick. Nothing of it was written; the next one covers its time too."""


class Disk:
    """The spool's file, and the reserve beside it."""

    def __init__(self, connection: sqlite3.Connection, reserve: Reserve) -> None:
        self._connection = connection
        self._reserve = reserve
        self._may_grow = reserve.is_whole_again()

    def write(self, write: Write) -> None:
        """All of it or nothing, on disk when this returns; `SpoolFull` where the disk has no room for it."""
        try:
            self._transact(write)
        except SpoolFull:
            self._give_room()
            self._transact(write)
        finally:
            self._take_room()

    def _transact(self, write: Write) -> None:
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            write(self._connection)
            self._connection.execute("COMMIT")
        except BaseException as error:
            # SQLite may have rolled back by itself.
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            if _is_of_full_disk(error):
                raise SpoolFull("the disk has no room for the readings") from error
            raise

    def _give_room(self) -> None:
        self._reserve.give_back()
        with suppress(sqlite3.OperationalError):
            self._connection.execute("PRAGMA wal_checkpoint(RESTART)").fetchall()
        pages = self._connection.execute("PRAGMA page_count").fetchone()[0]
        self._connection.execute(f"PRAGMA max_page_count = {pages}")
        self._may_grow = False

    def _take_room(self) -> None:
        if not self._may_grow and self._reserve.is_whole_again():
            self._connection.execute(f"PRAGMA max_page_count = {PAGES_MAX}")
            self._may_grow = True


def _is_of_full_disk(error: BaseException) -> bool:
    return isinstance(error, sqlite3.OperationalError) and error.sqlite_errorcode == sqlite3.SQLITE_FULL
