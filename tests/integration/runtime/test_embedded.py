"""The embedded servers keep what they acknowledged, come back after any death, and let nobody do another's work."""

import asyncio
import os
import signal

import nats as nats_client
import psycopg
import pytest
from tests.tools import needs_root

from fogbank.runtime.embedded import running_nats, running_postgres, temporary_directory
from fogbank.runtime.embedded.binaries import POSTGRES_WHEEL, copy_programs, site_of
from fogbank.runtime.embedded.files import closed_to
from fogbank.runtime.embedded.owner import owner_for
from fogbank.runtime.ports import PortTaken
from fogbank.runtime.queue_credentials import SERVICES_ACCOUNT


async def test_postgres_keeps_what_it_committed_through_a_kill() -> None:
    with temporary_directory() as data_dir:
        async with running_postgres(data_dir) as server:
            async with await psycopg.AsyncConnection.connect(server.url, autocommit=True) as connection:
                await connection.execute("CREATE TABLE kept (n int)")
                await connection.execute("INSERT INTO kept SELECT generate_series(1, 1000)")
            assert server.process is not None
            os.kill(server.process.pid, signal.SIGKILL)
            await server.process.wait()
            await server.start()
            async with await psycopg.AsyncConnection.connect(server.url) as connection:
                found = await connection.execute("SELECT count(*) FROM kept")
                assert await found.fetchone() == (1000,)


async def test_nats_keeps_its_port_and_its_streams_through_a_kill() -> None:
    with temporary_directory() as data_dir:
        async with running_nats(data_dir) as server:
            client = await nats_client.connect(server.url, user=server.user, password=server.password)
            stream = client.jetstream()
            await stream.add_stream(name="KEPT", subjects=["kept"])
            await stream.publish("kept", b"one")
            await client.close()
            url = server.url
            assert server.process is not None
            os.kill(server.process.pid, signal.SIGKILL)
            await server.process.wait()
            await server.start()
            assert server.url == url
            client = await nats_client.connect(server.url, user=server.user, password=server.password)
            assert (await client.jetstream().stream_info("KEPT")).state.messages == 1
            await client.close()


async def test_nats_takes_over_the_streams_of_before_nodes_had_an_account_of_their_own() -> None:
    with temporary_directory() as data_dir:
        for is_first in (True, False):
            async with running_nats(data_dir) as server:
                client = await nats_client.connect(server.url, user=server.user, password=server.password)
                stream = client.jetstream()
                if is_first:
                    await stream.add_stream(name="KEPT", subjects=["kept"])
                    await stream.publish("kept", b"one")
                assert (await stream.stream_info("KEPT")).state.messages == 1
                await client.close()
            if is_first:
                accounts = data_dir / "nats" / "jetstream"
                (accounts / SERVICES_ACCOUNT).rename(accounts / "$G")


async def test_nats_refuses_a_port_that_another_process_owns() -> None:
    with temporary_directory() as one, temporary_directory() as other:
        async with running_nats(one) as server:
            assert server.process is not None
            with pytest.raises(PortTaken, match=f"Port {server.port} .* already taken by process {server.process.pid}"):
                async with running_nats(other, server.port):
                    pass


async def test_postgres_starts_where_the_path_is_too_long_for_a_socket() -> None:
    with temporary_directory() as data_dir:
        deep = data_dir / ("d" * 60) / ("e" * 60)
        deep.mkdir(parents=True)
        async with running_postgres(deep) as server:
            assert not server.socket_dir.is_relative_to(data_dir)
            async with await psycopg.AsyncConnection.connect(server.url) as connection:
                assert await (await connection.execute("SELECT 1")).fetchone() == (1,)
        server.socket_dir.rmdir()  # the server left it empty


async def test_postgres_starts_after_its_supervisor_was_killed_with_it_running() -> None:
    with temporary_directory() as data_dir:
        async with running_postgres(data_dir) as orphan:
            assert orphan.process is not None
            async with running_postgres(data_dir) as server:
                assert server.process is not None
                assert server.process.pid != orphan.process.pid
                assert not orphan.process.is_running


async def test_a_cluster_that_was_interrupted_while_it_was_made_is_made_again() -> None:
    with temporary_directory() as data_dir:
        (data_dir / "postgres.new").mkdir()
        (data_dir / "postgres.new" / "PG_VERSION").write_text("18")
        async with running_postgres(data_dir) as server:
            assert (server.cluster_dir / "PG_VERSION").exists()
        assert not (data_dir / "postgres.new").exists()


@pytest.mark.root
async def test_programs_that_the_database_user_cannot_reach_are_copied() -> None:
    needs_root()
    with temporary_directory() as data_dir:
        owner = owner_for(data_dir / "postgres")
        assert owner is not None
        copied = copy_programs(site_of(POSTGRES_WHEEL), data_dir / "programs")
        assert closed_to(copied, owner.uid, owner.gid) is None
        program = await asyncio.create_subprocess_exec(
            str(copied / "postgres"), "--version", user=owner.uid, stdout=asyncio.subprocess.PIPE
        )
        said, _ = await program.communicate()
        assert said.startswith(b"postgres (PostgreSQL)")
