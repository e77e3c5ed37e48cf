"""Schemas are brought to their newest version, and left alone where they are there."""

from collections.abc import AsyncIterator

import psycopg
import pytest_asyncio

from fogbank.cli.wiring.schemas import bring_up_to_date, is_up_to_date
from fogbank.runtime.embedded import PostgresServer


@pytest_asyncio.fixture
async def empty_url(postgres: PostgresServer) -> AsyncIterator[str]:
    """A database of its own with nothing in it."""
    admin = await psycopg.AsyncConnection.connect(postgres.url_of("postgres"), autocommit=True)
    async with admin:
        await admin.execute("CREATE DATABASE untouched")
        yield postgres.url_of("untouched")
        await admin.execute("DROP DATABASE untouched WITH (FORCE)")


async def test_an_empty_database_gets_every_schema(empty_url: str) -> None:
    assert not await is_up_to_date(empty_url)
    await bring_up_to_date(empty_url)
    assert await is_up_to_date(empty_url)


async def test_one_schema_that_is_behind_is_noticed_and_catches_up(empty_url: str) -> None:
    await bring_up_to_date(empty_url)
    async with await psycopg.AsyncConnection.connect(empty_url, autocommit=True) as connection:
        await connection.execute("DROP SCHEMA billing CASCADE")
    assert not await is_up_to_date(empty_url)
    await bring_up_to_date(empty_url)
    assert await is_up_to_date(empty_url)
