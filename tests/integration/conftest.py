"""The world of the integration tests: a real PostgreSQL and a real NATS, started once, configured as in production."""

import asyncio
from collections.abc import AsyncIterator, Generator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from tests.integration.forgetting import acts_that_name_people
from tests.integration.open_stores import open_stores

from fogbank.runtime.database import Database
from fogbank.runtime.embedded import NatsServer, PostgresServer, running_nats, running_postgres, temporary_directory
from fogbank.runtime.migrations import migrate


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> Generator[None]:
    """Fail the file that leaves a usage store open, and not some later one that opens its own."""
    yield
    if nextitem is None or nextitem.path != item.path:
        left = open_stores()
        assert not left, f"{item.path} leaves a usage store open: {left}. Its fixture must end with its module."


@pytest.fixture(scope="session")
def data_dir() -> Iterator[Path]:
    """A data directory for the session. Not pytest's own: root's is closed to the database's user."""
    with temporary_directory() as directory:
        yield directory


@pytest_asyncio.fixture(scope="session")
async def postgres(data_dir: Path) -> AsyncIterator[PostgresServer]:
    async with running_postgres(data_dir) as server:
        yield server


@pytest_asyncio.fixture(scope="session")
async def postgres_url(postgres: PostgresServer) -> str:
    """The URL of a fresh database, with every schema at its newest."""
    await asyncio.to_thread(migrate, postgres.url)
    return postgres.url


@pytest_asyncio.fixture(scope="session")
async def database(postgres_url: str) -> AsyncIterator[Database]:
    """Whatever the tests did on it, nobody may be named in the activity log at the end."""
    async with Database.open(postgres_url) as database:
        yield database
        assert await acts_that_name_people(database) == []


@pytest_asyncio.fixture(scope="session")
async def nats(data_dir: Path) -> AsyncIterator[NatsServer]:
    async with running_nats(data_dir) as server:
        yield server
