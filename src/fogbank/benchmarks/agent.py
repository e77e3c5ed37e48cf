"""`agent`: what `fogbank agent` takes of the machine that it measures, at a thousand instances and at ten thousand.

The real process meters real cgroups, which are made for it below one of their own, writes its spool to a disk, and
sends to a real queue. It ticks every few seconds instead of every 30: what a tick costs is the same, and the share of a
core is what that is of 30 seconds.
"""

import asyncio
import os
import resource
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path

import psutil

from fogbank.compute.agent.collectors.cgroups import MOUNTS
from fogbank.compute.agent.collectors.hierarchy import hierarchies_of
from fogbank.queue.client import QueueClient
from fogbank.queue.subjects import USAGE_STREAM
from fogbank.runtime.embedded import running_nats, temporary_directory
from fogbank.runtime.failures import ServerFailed, reason_in
from fogbank.runtime.settings_sources import PREFIX

CGROUPS = "/fogbank-bench"
INTERVAL_SECONDS = 30
INSTANCES_PER_SECOND = 5_000
"""How many are metered at such a tick that there is time left until the next, on a busy machine too."""
WARM_TICKS = 12
"""What is new to an agent is looked at more closely for ten ticks."""
PATIENCE_SECONDS = 120.0
MANY = 10
FILES_MAX = 131_072
"""What the service of `fogbank agent` may hold open (`cli/agent_unit.py`)."""


async def run(*, instances: int = 1_000, ticks: int = 20) -> dict[str, object]:
    """`tick_cpu_ms` is CPU time of the process per tick, and `core_percent` its share of a core at one in 30 seconds.

    `rss_mb` is its memory, in 10^6 bytes, when all ticks are done. Then all of it again with ten times as many.
    """
    # Where more files cannot be had, the agent holds fewer open, and `descriptors_per_instance` says so.
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (FILES_MAX, FILES_MAX))
    few = await _measured(instances, ticks)
    many = instances * MANY
    return {**few, f"at_{many}": await _measured(many, max(ticks // 4, 1))}


async def _measured(instances: int, ticks: int) -> dict[str, object]:
    with temporary_directory() as data, _cgroups(instances):
        async with (
            running_nats(data) as nats,
            QueueClient.open(nats.url, user=nats.user, password=nats.password) as queue,
        ):
            await queue.ensure_streams()
            settings = {
                "QUEUE_URL": nats.url,
                "QUEUE_USER": nats.user,
                "QUEUE_PASSWORD": nats.password,
                "AGENT_INTERVAL_SECONDS": str(1 + instances // INSTANCES_PER_SECOND),
                "AGENT_CGROUPS": f"{CGROUPS}/*",
                "AGENT_USER_ID": "user_bench",
            }
            async with _agent(data, settings) as process:
                return await _watched(queue, process, instances, ticks)


async def _watched(
    queue: QueueClient, process: asyncio.subprocess.Process, instances: int, ticks: int
) -> dict[str, object]:
    watched = psutil.Process(process.pid)
    await _until_sent(queue, process, WARM_TICKS)
    before = sum(watched.cpu_times()[:2])
    first = await _sent(queue)
    await _until_sent(queue, process, first + ticks)
    tick_seconds = (sum(watched.cpu_times()[:2]) - before) / (await _sent(queue) - first)
    return {
        "instances": instances,
        "ticks": ticks,
        "core_percent": round(100 * tick_seconds / INTERVAL_SECONDS, 3),
        "tick_cpu_ms": round(1000 * tick_seconds, 1),
        "rss_mb": round(watched.memory_info().rss / 1e6, 1),
        "descriptors_per_instance": round(watched.num_fds() / instances, 2),
    }


async def _sent(queue: QueueClient) -> int:
    """How many ticks the queue has: each is one message."""
    return (await queue.connection.jetstream().stream_info(USAGE_STREAM)).state.messages


async def _until_sent(queue: QueueClient, process: asyncio.subprocess.Process, ticks: int) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while await _sent(queue) < ticks:
            if process.returncode is not None:
                assert process.stderr is not None
                raise ServerFailed(f"`fogbank agent` ended: {reason_in((await process.stderr.read()).decode())}.")
            await asyncio.sleep(0.05)


@asynccontextmanager
async def _agent(data: Path, settings: dict[str, str]) -> AsyncIterator[asyncio.subprocess.Process]:
    """A running `fogbank agent` that measures the cgroups, and not this machine."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    process = await asyncio.create_subprocess_exec(
        *[sys.executable, "-m", "fogbank", "agent", "--data", str(data), "--no-host"],
        stderr=asyncio.subprocess.PIPE,
        env=kept | {PREFIX + name: value for name, value in settings.items()},
    )
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            process.terminate()
        await process.wait()


@contextmanager
def _cgroups(count: int) -> Iterator[None]:
    """So many empty cgroups, in every hierarchy that accounts for something; gone at the end."""
    hierarchies = hierarchies_of(MOUNTS.read_text())
    tops = [Path(root + CGROUPS) for root in {hierarchies.cpu.directory, hierarchies.memory.directory}]
    try:
        for top in tops:
            # A run that was killed leaves its own behind.
            _remove(top)
            for directory in (top, *(top / f"vm-{index:05}" for index in range(count))):
                directory.mkdir()
    except PermissionError as error:
        raise ServerFailed("cgroups must be made to be measured, which only root may do") from error
    try:
        yield
    finally:
        for top in tops:
            _remove(top)


def _remove(top: Path) -> None:
    """A cgroup and those directly below, where they are there."""
    if top.exists():
        for each in top.iterdir():
            if each.is_dir():
                each.rmdir()
        top.rmdir()
