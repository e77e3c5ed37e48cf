"""The world of scale: usage over a ClickHouse that is reached by HTTP."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest_asyncio
from tests.integration.usage.conftest import World, opened_world

from fogbank.runtime.embedded import temporary_directory

USER, PASSWORD = "usage", "p@ss/w:rd"
DSN_PASSWORD = "p%40ss%2Fw%3Ard"


@asynccontextmanager
async def running_clickhouse(directory: Path, configuration: Path | str = "") -> AsyncIterator[str]:
    """The URL of a ready ClickHouse whose data is in `directory`."""
    process = await started_clickhouse(directory, 0, configuration)
    try:
        yield await url_of(process)
    finally:
        process.kill()
        await process.wait()


async def started_clickhouse(directory: Path, port: int, configuration: Path | str = "") -> asyncio.subprocess.Process:
    arguments = ["-m", "tests.integration.scale.clickhouse_server", directory, port, USER, PASSWORD, configuration]
    return await asyncio.create_subprocess_exec(
        sys.executable,
        *map(str, arguments),
        cwd=Path(__file__).parents[3],
        stdout=asyncio.subprocess.PIPE,
    )


async def url_of(process: asyncio.subprocess.Process) -> str:
    assert process.stdout is not None
    port = int(await process.stdout.readline())
    return f"http://{USER}:{DSN_PASSWORD}@127.0.0.1:{port}/default"


@pytest_asyncio.fixture(scope="module")
async def world() -> AsyncIterator[World]:
    with temporary_directory() as directory:
        async with running_clickhouse(directory / "clickhouse") as url, opened_world(lambda _: url) as world:
            yield world
