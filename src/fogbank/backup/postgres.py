"""PostgreSQL: a base backup of the running server, with the log that makes it consistent; a stopped one is copied."""

import asyncio
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg

from fogbank.backup.archive import CHUNK_BYTES, Sink
from fogbank.backup.errors import BackupFailed
from fogbank.backup.trees import Entry, entries_of
from fogbank.runtime.embedded.binaries import postgres_programs
from fogbank.runtime.embedded.cluster import SUPERUSER, environment
from fogbank.runtime.embedded.files import socket_directory
from fogbank.runtime.embedded.owner import owner_for
from fogbank.runtime.failures import reason_in

CLUSTER = "postgres"
OF_THE_LIVING = frozenset({"postmaster.pid", "postmaster.opts"})

# The log since the backup's beginning is kept for as long as this session lives, however much is written meanwhile.
KEEP_LOG = "SELECT pg_create_physical_replication_slot('fogbank_backup', true, true)"


async def write_base_backup(data: Path, url: str, sink: Sink) -> None:
    """Write the cluster of the server in `data` as a tar. It is as of the moment when this ends."""
    try:
        connection = await psycopg.AsyncConnection.connect(url, autocommit=True)
    except psycopg.OperationalError as error:
        raise BackupFailed(f"The database cannot be saved: {error}".strip()) from error
    async with connection:
        await connection.execute(KEEP_LOG)
        await asyncio.to_thread(_stream, _command(data), sink)


def stopped_cluster(data: Path) -> Iterator[Entry]:
    """The files of a cluster whose server does not run."""
    return entries_of(data / CLUSTER, lambda below: str(below) not in OF_THE_LIVING)


def _command(data: Path) -> list[str]:
    program = postgres_programs(data, owner_for(data / CLUSTER)) / "pg_basebackup"
    to_stdout = ["--pgdata=-", "--format=tar", "--wal-method=fetch", "--checkpoint=fast", "--no-manifest"]
    return [str(program), f"--host={socket_directory(data)}", f"--username={SUPERUSER}", "--no-password", *to_stdout]


def _stream(command: list[str], sink: Sink) -> None:
    with subprocess.Popen(
        command, cwd="/", env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        try:
            shutil.copyfileobj(process.stdout, sink, CHUNK_BYTES)
        except BaseException:
            process.kill()
            raise
        said = process.stderr.read().decode(errors="replace")
    if process.returncode != 0:
        raise BackupFailed(f"The database was not saved: {reason_in(said)}.")
