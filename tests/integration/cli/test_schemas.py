"""Schemas are brought to their newest version, and left alone where they are there."""

import sys
from collections.abc import AsyncIterator

import psycopg
import pytest_asyncio

from fogbank.cli.wiring.schemas import bring_up_to_date, newest_versions
from fogbank.runtime.embedded import PostgresServer

VERSIONS = """
    SELECT table_schema FROM information_schema.tables WHERE table_name = 'alembic_version'
"""


@pytest_asyncio.fixture
async def empty_url(postgres: PostgresServer) -> AsyncIterator[str]:
    """A database of its own with nothing in it."""
    admin = await psycopg.AsyncConnection.connect(postgres.url_of("postgres"), autocommit=True)
    async with admin:
        await admin.execute("CREATE DATABASE untouched")
        yield postgres.url_of("untouched")
        await admin.execute("DROP DATABASE untouched WITH (FORCE)")


async def schemas_of(url: str) -> set[str]:
    async with await psycopg.AsyncConnection.connect(url) as connection:
        return {row[0] for row in await (await connection.execute(VERSIONS)).fetchall()}


async def test_an_empty_database_gets_every_schema_and_one_that_is_behind_catches_up(empty_url: str) -> None:
    await bring_up_to_date(empty_url)
    assert await schemas_of(empty_url) == set(newest_versions())
    async with await psycopg.AsyncConnection.connect(empty_url, autocommit=True) as connection:
        await connection.execute("DROP SCHEMA billing CASCADE")
    await bring_up_to_date(empty_url)
    assert await schemas_of(empty_url) == set(newest_versions())


async def test_a_database_that_is_up_to_date_costs_no_migration_tool(
    postgres_url: str,
) -> None:
    loaded = [name for name in sys.modules if name == "fogbank.runtime.migrations"]
    for name in loaded:
        del sys.modules[name]
    await bring_up_to_date(postgres_url)
    assert "fogbank.runtime.migrations" not in sys.modules
