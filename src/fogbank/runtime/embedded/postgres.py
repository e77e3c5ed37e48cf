"""An embedded PostgreSQL: the wheel's programs supervised by us, fsync on, reached by a private socket only."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import psycopg

from fogbank.runtime.clock import monotonic_seconds
from fogbank.runtime.embedded.binaries import postgres_programs
from fogbank.runtime.embedded.cluster import SUPERUSER, clear_zombie_lock, create_cluster, environment, require_way
from fogbank.runtime.embedded.files import passable_directory, private_directory, socket_directory
from fogbank.runtime.embedded.owner import Owner, owner_for
from fogbank.runtime.failures import ServerFailed, reason_in
from fogbank.runtime.process import Command, Process, end_left_over, launch

DATABASE = "fogbank"
START_PATIENCE_SECONDS = 60.0
POLL_SECONDS = 0.02

# Whatever the defaults may become: an acknowledged commit is on disk. `max_wal_size` stays the default, for short redo.
SETTINGS = {
    "listen_addresses": "",
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] ",
    "log_checkpoints": "off",
}


@dataclass(slots=True)
class PostgresServer:
    """A PostgreSQL in `data_dir`/postgres. `url` is for clients that may enter the socket's directory."""

    data_dir: Path
    name: str = "postgres"
    process: Process | None = field(default=None)

    def __post_init__(self) -> None:
        self.data_dir = self.data_dir.absolute()

    @property
    def cluster_dir(self) -> Path:
        return self.data_dir / "postgres"

    @property
    def socket_dir(self) -> Path:
        return socket_directory(self.data_dir)

    @property
    def url(self) -> str:
        return self.url_of(DATABASE)

    def url_of(self, database: str) -> str:
        """The URL of another database on this server."""
        return f"postgresql://{SUPERUSER}@/{database}?host={quote(str(self.socket_dir), safe='')}"

    async def start(self) -> Process:
        """Start it and wait until it answers; create the cluster and the database where they do not exist yet."""
        owner = await asyncio.to_thread(self._prepare)
        await end_left_over(self._pid_path)
        self.process = await _start_until_ready(self._command(owner), self)
        await _create_database(self)
        return self.process

    async def stop(self) -> None:
        """A fast, clean shutdown: open transactions are rolled back, the rest is checkpointed."""
        if self.process is not None:
            await self.process.stop()

    @property
    def _pid_path(self) -> Path:
        return self.data_dir / "run" / "postgres.pid"

    def _prepare(self) -> Owner | None:
        passable_directory(self.data_dir)
        owner = owner_for(self.cluster_dir)
        if owner is not None:
            require_way(self.data_dir, owner)
        passable_directory(self.data_dir / "run")
        private_directory(self.socket_dir, *((owner.uid, owner.gid) if owner else ()))
        if not self.cluster_dir.exists():
            create_cluster(self.data_dir, self.cluster_dir, owner)
        return owner

    def _command(self, owner: Owner | None) -> Command:
        options = [part for name, value in SETTINGS.items() for part in ("-c", f"{name}={value}")]
        program = postgres_programs(self.data_dir, owner) / "postgres"
        return Command(
            name=self.name,
            arguments=[str(program), "-D", str(self.cluster_dir), "-k", str(self.socket_dir), *options],
            log_path=self.data_dir / "logs" / "postgres.log",
            pid_path=self._pid_path,
            environment=environment(),
            user=owner.uid if owner else None,
            group=owner.gid if owner else None,
            death_signal=signal.SIGINT,
            stop_signal=signal.SIGINT,
            stop_patience_seconds=60.0,
        )


@asynccontextmanager
async def running_postgres(data_dir: Path) -> AsyncIterator[PostgresServer]:
    """A ready PostgreSQL in `data_dir`, stopped cleanly at the end."""
    server = PostgresServer(data_dir)
    try:
        await server.start()
        yield server
    finally:
        await server.stop()


async def _start_until_ready(command: Command, server: PostgresServer) -> Process:
    """Start it, again where it ends at once: after a kill -9, what is left of the old one may hold the lock a while."""
    deadline = monotonic_seconds() + START_PATIENCE_SECONDS
    while True:
        await asyncio.to_thread(clear_zombie_lock, server.cluster_dir)
        process = await launch(command)
        try:
            async with asyncio.timeout(max(deadline - monotonic_seconds(), 1)):
                if await _is_ready(process, server):
                    return process
        except BaseException as error:
            await process.stop()
            if isinstance(error, TimeoutError):
                raise ServerFailed(f"PostgreSQL was not ready after {START_PATIENCE_SECONDS:.0f} s.") from None
            raise
        log = process.log_since_start()
        is_passing = "lock file" in log or "shared memory block" in log or "still running" in log
        if not is_passing or monotonic_seconds() > deadline:
            raise ServerFailed(f"PostgreSQL did not start: {reason_in(log)}.")
        await asyncio.sleep(0.1)


async def _is_ready(process: Process, server: PostgresServer) -> bool:
    """Wait until it answers (True) or ends (False)."""
    while process.is_running:
        try:
            connection = await psycopg.AsyncConnection.connect(server.url_of("postgres"), connect_timeout=2)
        except psycopg.OperationalError:
            await asyncio.sleep(POLL_SECONDS)
        else:
            await connection.close()
            return True
    return False


async def _create_database(server: PostgresServer) -> None:
    url = server.url_of("postgres")
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        found = await connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
        if await found.fetchone() is None:
            await connection.execute(f"CREATE DATABASE {DATABASE}")
