"""A PostgreSQL of one's own: what its login needs, and what is said where it may not."""

import asyncio
from collections.abc import AsyncIterator

import psycopg
import pytest
import pytest_asyncio
from psycopg.conninfo import make_conninfo

from fogbank.cli.sentences import sentence_for
from fogbank.cli.terminal import MISUSED
from fogbank.runtime.auth import Caller, CallerKind
from fogbank.runtime.database import Database
from fogbank.runtime.embedded import PostgresServer, running_postgres, temporary_directory
from fogbank.runtime.migrations import migrate
from fogbank.runtime.roles import RolesDenied
from fogbank.runtime.tenancy import SYSTEM_ROLE, TENANT_ROLE, called_by, seeing_every_tenant


@pytest_asyncio.fixture
async def server() -> AsyncIterator[PostgresServer]:
    """A fresh one: roles are shared by all databases of a server."""
    with temporary_directory() as directory:
        async with running_postgres(directory) as server:
            yield server


async def login(server: PostgresServer, name: str, rights: str) -> str:
    """The URL of a database that this login owns, and nothing else."""
    async with await psycopg.AsyncConnection.connect(server.url, autocommit=True) as connection:
        await connection.execute(f"CREATE ROLE {name} LOGIN {rights}")
        await connection.execute(f"CREATE DATABASE {name} OWNER {name}")
    return make_conninfo(server.url_of(name), user=name)


async def pre_made(server: PostgresServer, name: str) -> None:
    """What the sentence tells a superuser to do."""
    async with await psycopg.AsyncConnection.connect(server.url, autocommit=True) as connection:
        await connection.execute(f"CREATE ROLE {SYSTEM_ROLE}; CREATE ROLE {TENANT_ROLE};")
        await connection.execute(f"GRANT {SYSTEM_ROLE}, {TENANT_ROLE} TO {name}")


async def assert_works(url: str) -> None:
    """It is migrated, and shows a person their own."""
    await asyncio.to_thread(migrate, url)
    async with Database.open(url) as database:
        async with database.transaction() as tx:
            for owner in ("user_ann", "user_bob"):
                await tx.execute(
                    "INSERT INTO ledger.accounts (name, kind, owner_id) VALUES (%s, 'customer', %s)", [owner, owner]
                )
        with seeing_every_tenant():
            called_by(Caller("user_ann", CallerKind.USER))
            async with database.connection() as connection:
                cursor = await connection.execute("SELECT owner_id FROM ledger.accounts WHERE owner_id IS NOT NULL")
                assert await cursor.fetchall() == [("user_ann",)]


async def test_a_login_that_may_make_roles_needs_nothing_else(server: PostgresServer) -> None:
    await assert_works(await login(server, "maker", "CREATEROLE"))


async def test_one_that_may_not_works_with_roles_that_were_made_for_it(server: PostgresServer) -> None:
    url = await login(server, "plain", "NOCREATEROLE")
    with pytest.raises(RolesDenied) as denied:
        await asyncio.to_thread(migrate, url)
    said = sentence_for(denied.value)
    assert said is not None
    assert said[1] == MISUSED
    assert said[0] == (
        "The database's login plain may not work as fogbank_system and fogbank_tenant; let a superuser run "
        "CREATE ROLE fogbank_system; CREATE ROLE fogbank_tenant; for what is missing, and "
        "GRANT fogbank_system, fogbank_tenant TO plain;"
    )
    await pre_made(server, "plain")
    await assert_works(url)


async def test_who_may_not_take_the_roles_is_told_at_once_and_not_after_waiting(server: PostgresServer) -> None:
    url = await login(server, "stranger", "NOCREATEROLE")
    with pytest.raises(RolesDenied, match="login stranger"):
        async with Database.open(url):
            pass
    await pre_made(server, "CURRENT_USER")
    with pytest.raises(RolesDenied, match="login stranger"):
        async with Database.open(url):
            pass
