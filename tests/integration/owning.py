"""The database as who owns its tables: a migration, or somebody at the server. What Fogbank runs as can do less."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psycopg

from fogbank.runtime.database import Connection, Database


@asynccontextmanager
async def owning(database: Database) -> AsyncIterator[Connection]:
    """A connection of its own to the same database, in autocommit mode, under which nothing is hidden or forbidden."""
    async with await psycopg.AsyncConnection.connect(str(database.pool.conninfo), autocommit=True) as connection:
        yield connection
