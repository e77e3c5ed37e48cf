"""The engine: ClickHouse, in this process or on a server, asked from threads so that the event loop never waits.

The embedded engine belongs to one process, which must never fork after it opened; it lets go of the interpreter while
it works. One handle answers one statement at a time, so there are several.
"""

import asyncio
import queue
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self, TypeVar
from urllib.parse import urlsplit

import clickhouse_connect
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.tools import insert_file

from fogbank.usage.store import cluster as clusters
from fogbank.usage.store.schema import TABLES
from fogbank.usage.store.upgrades import upgrade

T = TypeVar("T")

HANDLES = 4
"""Two for ingestion, so that one batch is sorted while another is written; the others roll up and answer."""

SETTINGS = {
    "do_not_merge_across_partitions_select_final": "1",  # An identity has one day, so FINAL may take days apart.
    "max_partitions_per_insert_block": "0",  # Of any days: a refused message would block the rest.
    "max_bytes_before_external_group_by": str(2 * 1024**3),
    "max_bytes_before_external_sort": str(2 * 1024**3),
}

OF_SERVERS = {"async_insert": "0"}
"""Whatever the server's own profile says, an insert is on disk when it is answered."""

AS_IT_IS = {"optimize_on_insert": 0}
"""Duplicates in an insert are left to the merge, which has to look for them anyway."""

Row = Sequence[Any]


@dataclass(frozen=True, slots=True)
class Engine:
    """Handles to one engine, and the threads that wait for them."""

    handles: "queue.SimpleQueue[Client]"
    threads: ThreadPoolExecutor
    is_embedded: bool
    cluster: str = ""

    @classmethod
    @asynccontextmanager
    async def open(cls, dsn: str, cluster: str = "") -> AsyncIterator[Self]:
        """Open the engine at `dsn` (`chdb:///directory`, `clickhouse://…`) and make the tables; closed at the end.

        With `cluster`, the server is one of the cluster of that name in its configuration, and the tables are its.
        """
        threads = ThreadPoolExecutor(HANDLES, thread_name_prefix="usage-store")
        handles: queue.SimpleQueue[Client] = queue.SimpleQueue()
        engine = cls(handles, threads, is_embedded=dsn.startswith("chdb:"), cluster=cluster)
        try:
            for _ in range(HANDLES):
                handles.put(await engine._in_thread(lambda: handle_at(dsn, cluster)))
            await upgrade(engine)
            for statement in TABLES:
                await engine.command(statement)
            yield engine
        finally:
            threads.shutdown(wait=True)
            while not handles.empty():
                handles.get().close()

    async def rows(self, sql: str, parameters: Mapping[str, Any] | None = None) -> Sequence[Row]:
        """The rows that a query gives. Parameters are bound by the engine, `{name:Type}`; others are not sent."""
        named = {name: value for name, value in (parameters or {}).items() if f"{{{name}:" in sql}
        return await self._with_handle(lambda handle: handle.query(sql, parameters=named).result_rows)

    async def command(self, sql: str, parameters: Mapping[str, Any] | None = None) -> None:
        """Run a statement that gives no rows. What it inserts is on disk when this returns."""
        statements = clusters.on_cluster(sql, self.cluster, TABLES) if self.cluster else [sql]

        def run(handle: Client) -> None:
            for statement in statements:
                handle.command(statement, parameters=dict(parameters or {}))

        await self._with_handle(run)

    async def insert(self, table: str, arrow: Path) -> None:
        """Insert the Arrow stream in that file; it is on disk when this returns. Duplicates are left to the merge."""
        if self.is_embedded:
            # The engine reads the file itself, which the client would copy first.
            await self.command(
                f"INSERT INTO {table} FROM INFILE '{arrow}' SETTINGS optimize_on_insert = 0 FORMAT ArrowStream"
            )
        else:
            await self._with_handle(
                lambda handle: insert_file(handle, table, str(arrow), "ArrowStream", settings=AS_IT_IS)
            )

    async def _with_handle(self, work: Callable[[Client], T]) -> T:
        def run() -> T:
            handle = self.handles.get()
            try:
                return work(handle)
            finally:
                self.handles.put(handle)

        return await self._in_thread(run)

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self.threads, work)


def handle_at(dsn: str, cluster: str) -> Client:
    """A handle to the engine at `dsn`; `OperationalError` or `DatabaseError` where it does not answer."""
    scheme = urlsplit(dsn).scheme
    if scheme == "chdb":
        return clickhouse_connect.get_client(dsn=dsn, settings=SETTINGS)
    return clickhouse_connect.get_client(
        dsn=dsn,
        interface="https" if scheme == "https" else "http",  # The client does not ask the DSN, and would not encrypt.
        settings={**SETTINGS, **OF_SERVERS, **(clusters.SETTINGS if cluster else {})},
        # A session is locked by its last statement, also by one whose connection broke.
        autogenerate_session_id=False,
        client_name="fogbank",
    )
