"""The tables of a cluster are taken by the real engine: each statement whole by its parser, each replicated table made
against the Keeper that it simulates in memory."""

import re
from collections.abc import AsyncIterator

import pytest_asyncio
from tests.integration.scale.conftest import running_clickhouse

from fogbank.runtime.embedded import temporary_directory
from fogbank.usage.store.cluster import on_cluster, table_of
from fogbank.usage.store.engine import handle_at
from fogbank.usage.store.schema import TABLES

WITH_KEEPER = """
<clickhouse>
  <macros><shard>1</shard><replica>a</replica></macros>
  <zookeeper><implementation>testkeeper</implementation></zookeeper>
</clickhouse>
"""

MADE = "SELECT name, engine_full FROM system.tables WHERE database = currentDatabase()"


@pytest_asyncio.fixture
async def dsn() -> AsyncIterator[str]:
    with temporary_directory() as directory:
        configuration = directory / "keeper.xml"
        configuration.write_text(WITH_KEEPER)
        async with running_clickhouse(directory / "clickhouse", configuration) as url:
            yield url


async def test_every_table_of_a_cluster_can_be_made(dsn: str) -> None:
    handle = handle_at(dsn, "")
    for statement in TABLES:
        local, over_all = on_cluster(statement, "fleet", TABLES)
        for each in (local, over_all):
            handle.query("SELECT formatQuery({statement:String})", parameters={"statement": each})
        handle.command(re.sub(r" ON CLUSTER '\w+'", "", local))
    made = dict(map(tuple, handle.query(MADE).result_rows))
    assert set(made) == {f"{table_of(statement).name}_local" for statement in TABLES}
    assert all("Replicated" in engine and "fsync_after_insert = 1" in engine for engine in made.values())
    handle.close()
