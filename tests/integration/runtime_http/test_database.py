"""The database: what is read is in UTC, and a failed transaction leaves nothing."""

from datetime import UTC, datetime

import psycopg
import pytest

from fogbank.runtime.database import Database


async def test_instants_are_in_utc_whatever_the_servers_zone(postgres_url: str) -> None:
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        name = connection.execute("SELECT current_database()").fetchone()
        assert name is not None
        connection.execute(f"ALTER DATABASE {name[0]} SET TimeZone = 'Asia/Kolkata'")
        try:
            async with Database.open(postgres_url) as database, database.connection() as ours:
                row = await (await ours.execute("SELECT timestamptz '2026-11-25 00:00+02'")).fetchone()
        finally:
            connection.execute(f"ALTER DATABASE {name[0]} RESET TimeZone")
    assert row == (datetime(2026, 11, 24, 22, tzinfo=UTC),)
    assert row[0].tzinfo is UTC


async def test_a_transaction_that_fails_leaves_nothing(database: Database) -> None:
    async def fail_halfway() -> None:
        async with database.transaction() as tx:
            await tx.execute("CREATE TEMPORARY TABLE half_done (id int)")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail_halfway()
    async with database.connection() as connection:
        found = await (await connection.execute("SELECT to_regclass('half_done')")).fetchone()
    assert found == (None,)


async def test_after_the_server_cut_its_connections_the_pool_serves_again(postgres_url: str) -> None:
    async with Database.open(postgres_url, connections_max=1) as database:
        with psycopg.connect(postgres_url, autocommit=True) as other:
            async with database.connection() as connection:
                other.execute("SELECT pg_terminate_backend(%s)", (connection.info.backend_pid,))
                with pytest.raises(psycopg.OperationalError):
                    await connection.execute("SELECT 1")
        async with database.connection() as connection:
            assert await (await connection.execute("SELECT 1")).fetchone() == (1,)
