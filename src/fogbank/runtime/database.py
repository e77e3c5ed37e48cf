"""PostgreSQL: one pool per process, one way to take a transaction."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Self

from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

WAIT_SECONDS = 10.0
"""How long who needs a connection waits for one, when all are taken or the database is away; then it is an error."""

Connection = AsyncConnection[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Database:
    """A pool of connections. SQL lives in each component's `store.py`; this only hands out transactions."""

    pool: AsyncConnectionPool[Connection]

    @classmethod
    @asynccontextmanager
    async def open(cls, url: str, connections_max: int = 10) -> AsyncIterator[Self]:
        """Open a pool on `url`, and close it at the end; wait up to 30 s for the first connection."""
        pool: AsyncConnectionPool[Connection] = AsyncConnectionPool(
            url,
            min_size=1,
            max_size=connections_max,
            open=False,
            timeout=WAIT_SECONDS,
            configure=_in_utc,
            kwargs={"autocommit": True},
        )
        await pool.open(wait=True, timeout=30)
        try:
            yield cls(pool)
        finally:
            await pool.close()

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """A connection in autocommit mode, for single statements."""
        async with self.pool.connection() as connection:
            yield connection

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """A connection in a transaction that commits at the end, or rolls back on an error."""
        async with self.pool.connection() as connection, connection.transaction():
            yield connection


async def _in_utc(connection: Connection) -> None:
    """Instants come back in UTC, whatever the server's own time zone is."""
    await connection.execute("SET TIME ZONE 'UTC'")
