"""PostgreSQL: one pool per process, one way to take a transaction, and the roles that row-level security holds for.

Connections are never the owner of a table: they are `fogbank_system`, which sees every tenant, or, while a person's
request is answered, `fogbank_tenant`, which sees that person's rows (`fogbank.runtime.tenancy` says whose they are).
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any, Self

from psycopg import AsyncConnection, OperationalError
from psycopg.errors import InsufficientPrivilege, InvalidParameterValue
from psycopg.pq import TransactionStatus
from psycopg.sql import SQL, Identifier
from psycopg_pool import AsyncConnectionPool

from fogbank.runtime.claims import claim_of_request
from fogbank.runtime.roles import RolesDenied
from fogbank.runtime.tenancy import SYSTEM_ROLE, TENANT_ROLE, Tenancy, present_tenancy

WAIT_SECONDS = 10.0
"""How long who needs a connection waits for one, when all are taken or the database is away; then it is an error."""

# `SET LOCAL` of all three in one statement: three would be three ways to the server.
BECOME_TENANT = """
    SELECT set_config('role', %s, true), set_config('fogbank.tenants', %s, true), set_config('fogbank.person', %s, true)
"""

Connection = AsyncConnection[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Database:
    """A pool of connections. SQL lives in each component's `store.py`; this only hands out transactions."""

    pool: AsyncConnectionPool[Connection]

    @classmethod
    @asynccontextmanager
    async def open(cls, url: str, connections_max: int = 10) -> AsyncIterator[Self]:
        """Open a pool on `url`, and close it at the end; wait up to 30 s for the first connection.

        `RolesDenied` where the login may not take the roles that row-level security holds for.
        """
        await _require_roles(url)
        pool: AsyncConnectionPool[Connection] = AsyncConnectionPool(
            url,
            min_size=1,
            max_size=connections_max,
            open=False,
            timeout=WAIT_SECONDS,
            configure=_configure,
            kwargs={"autocommit": True},
        )
        await pool.open(wait=True, timeout=30)
        try:
            yield cls(pool)
        finally:
            await pool.close()

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """A connection for single statements: in autocommit mode; in a person's request in a transaction of theirs."""
        tenancy = present_tenancy()
        async with self.pool.connection() as connection:
            if tenancy is None:
                yield connection
            else:
                async with connection.transaction():
                    await _become_tenant(connection, tenancy)
                    yield connection

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """A connection in a transaction that commits at the end, or rolls back on an error."""
        tenancy = present_tenancy()
        async with self.pool.connection() as connection, claim_of_request() as claim, connection.transaction():
            if tenancy is not None:
                await _become_tenant(connection, tenancy)
            await claim(connection)
            yield connection


@asynccontextmanager
async def seeing_every_tenant_in(tx: Connection) -> AsyncIterator[None]:
    """Inside, a transaction that was begun as a tenant's sees every tenant. For what the code decides alone."""
    cursor = await tx.execute("SELECT current_setting('role'), set_config('role', %s, true)", [SYSTEM_ROLE])
    [(role, _)] = await cursor.fetchall()
    try:
        yield
    finally:
        # After an error of the database's the transaction, or its savepoint, is rolled back, and the role with it.
        if role != SYSTEM_ROLE and tx.info.transaction_status is TransactionStatus.INTRANS:
            await tx.execute("SELECT set_config('role', %s, true)", [role])


async def _require_roles(url: str) -> None:
    """Else the pool would ask again and again, and say nothing but that it has no connection."""
    with suppress(OperationalError):  # a server that is not up yet is waited for by the pool
        async with await AsyncConnection.connect(url, autocommit=True) as connection:
            try:
                for role in (TENANT_ROLE, SYSTEM_ROLE):
                    await connection.execute(SQL("SET ROLE {}").format(Identifier(role)))
            except (InsufficientPrivilege, InvalidParameterValue) as error:
                raise RolesDenied(connection.info.user) from error


async def _become_tenant(connection: Connection, tenancy: Tenancy) -> None:
    """See one person's rows, until the transaction ends, however it ends."""
    # No id of ours has a comma; what has one must not become two.
    tenants = ",".join(sorted(each for each in tenancy.account_ids if "," not in each))
    await connection.execute(BECOME_TENANT, [TENANT_ROLE, tenants, tenancy.person_id])


async def _configure(connection: Connection) -> None:
    """Instants come back in UTC, whatever the server's own time zone is; and nobody works as the tables' owner."""
    await connection.execute(SQL("SET TIME ZONE 'UTC'; SET ROLE {}").format(Identifier(SYSTEM_ROLE)))
