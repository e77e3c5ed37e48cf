"""Killed in the middle of a replay, the next process goes on where the first one was, and stores every reading once."""

import asyncio
import sys
from pathlib import Path

import msgspec

from fogbank.queue.client import QueueClient, usage_subject
from fogbank.runtime.embedded import running_nats, temporary_directory
from fogbank.simulate.fleet import Fleet
from fogbank.usage.mending.model import Replay

SCRIPT = Path(__file__).with_name("replaying.py")
INSTANCES, NODES, PERIODS = 1_000, 10, 120
STARTS_US = 1_767_225_600_000_000


async def started(*arguments: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, str(SCRIPT), *arguments, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )


async def test_a_killed_replay_goes_on_where_it_was() -> None:
    fleet = Fleet(INSTANCES, NODES, 5, seed=3)
    with temporary_directory() as directory:
        async with (
            running_nats(directory) as server,
            QueueClient.open(server.url, user=server.user, password=server.password) as queue,
        ):
            await queue.ensure_streams()
            for period in range(PERIODS):
                for batch in fleet.tick(STARTS_US + period * 30_000_000, 30):
                    await queue.publish(usage_subject(batch.headers["Fogbank-Node"]), batch)
            arguments = (server.url, server.user, server.password, str(directory / "usage"))
            victim = await started(*arguments)
            assert victim.stdout is not None
            seen = 0
            while seen < 2:
                line = await victim.stdout.readline()
                assert line, (await victim.communicate())[1].decode()
                seen = msgspec.json.decode(line, type=Replay).next_sequence
            victim.kill()
            await victim.wait()
            survivor = await started(*arguments)
            output, errors = await survivor.communicate()
    assert survivor.returncode == 0, errors.decode()
    *states, stored = output.splitlines()
    first, last = (msgspec.json.decode(line, type=Replay) for line in (states[0], states[-1]))
    assert first.next_sequence >= seen
    assert (last.messages, last.next_sequence) == (NODES * PERIODS, last.last_sequence + 1)
    assert int(stored) == INSTANCES * PERIODS
