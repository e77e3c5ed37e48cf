"""Migrations: each schema has its own history; running them again, or many at once, changes nothing."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import psycopg
import pytest_asyncio
from procrastinate.schema import SchemaManager
from psycopg.conninfo import make_conninfo

from fogbank.runtime.migrations import HISTORIES, SCHEMAS, migrate

NAME = "migrations_of_the_tests"


@pytest_asyncio.fixture
async def empty_url(postgres_url: str) -> AsyncIterator[str]:
    """The URL of a database without anything in it, dropped at the end."""
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {NAME}")
        yield make_conninfo(postgres_url, dbname=NAME)
        connection.execute(f"DROP DATABASE {NAME} WITH (FORCE)")


def versions(url: str) -> dict[str, str]:
    with psycopg.connect(url) as connection:
        return {
            schema: str(connection.execute(f"SELECT version_num FROM {schema}.alembic_version").fetchall()[0][0])
            for schema in SCHEMAS
            if any((HISTORIES / schema / "versions").glob("*.py"))
        }


async def test_processes_that_start_together_migrate_once(empty_url: str) -> None:
    await asyncio.gather(*(asyncio.to_thread(migrate, empty_url) for _ in range(4)))
    first = versions(empty_url)
    await asyncio.to_thread(migrate, empty_url)
    assert versions(empty_url) == first
    assert {"accounts", "procrastinate"} <= first.keys()


async def test_each_schema_keeps_its_version_inside_itself(empty_url: str) -> None:
    await asyncio.to_thread(migrate, empty_url)
    with psycopg.connect(empty_url) as connection:
        rows = connection.execute(
            "SELECT table_schema FROM information_schema.tables WHERE table_name = 'alembic_version' ORDER BY 1"
        ).fetchall()
        public = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
    assert [row[0] for row in rows] == sorted(versions(empty_url))
    assert public == (0,)


def test_every_migration_of_the_job_queue_is_in_our_history() -> None:
    history = "".join(file.read_text() for file in Path(HISTORIES / "procrastinate" / "versions").glob("*.py"))
    theirs = sorted(file.name for file in Path(SchemaManager.get_migrations_path()).glob("*.sql"))
    assert f'LAST = "{theirs[-1]}"' in history, "procrastinate has a new migration: add a version with it"
