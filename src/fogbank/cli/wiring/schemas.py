"""Brings the database's schemas to their newest version, and spends no time where they are.

The tool for that, alembic, takes a second to load, at every start of every process. So the newest migration of each
history, which its file's name begins with, is first compared with what the database says of itself.
"""

import asyncio
import importlib
from pathlib import Path

import psycopg
from psycopg import sql

import fogbank

HISTORIES = Path(fogbank.__file__).parent / "migrations"
"""Found without importing it, which would load the tool."""

VERSION = "SELECT version_num FROM {schema}.alembic_version"


async def bring_up_to_date(url: str) -> None:
    """Migrate what is behind. Safe to call in many processes at once."""
    if not await is_up_to_date(url):
        migrations = importlib.import_module("fogbank.runtime.migrations")
        await asyncio.to_thread(migrations.migrate, url)


async def is_up_to_date(url: str) -> bool:
    """Whether every schema of the database is at its newest version."""
    newest = newest_versions()
    async with await psycopg.AsyncConnection.connect(url) as connection:
        try:
            return newest == {schema: await _version(connection, schema) for schema in newest}
        except (psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName):
            return False


def newest_versions() -> dict[str, str]:
    """The newest version of each schema that has a history."""
    files = sorted(HISTORIES.glob("*/versions/[0-9]*.py"))
    return {file.parent.parent.name: file.name.partition("_")[0] for file in files}


async def _version(connection: psycopg.AsyncConnection, schema: str) -> str | None:
    found = await connection.execute(sql.SQL(VERSION).format(schema=sql.Identifier(schema)))
    row = await found.fetchone()
    return None if row is None else str(row[0])
