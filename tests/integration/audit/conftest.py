"""A world of whole systems: `fogbank up` as a process of its own, without an agent, so that only the test moves it."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from fogbank.audit.model import Report
from fogbank.cli.commands.audit import auditor
from fogbank.cli.options import settings_of_running
from fogbank.runtime.embedded import temporary_directory
from fogbank.runtime.ports import free_port

PATIENCE_SECONDS = 120


def environment() -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("FOGBANK_")}
    return {**inherited, "FOGBANK_BILLING_INTERVAL_SECONDS": "1", "FOGBANK_SETUP_ORGANIZATION": "Halden Robotics"}


async def started(*arguments: str) -> asyncio.subprocess.Process:
    command = (sys.executable, "-m", "fogbank", *arguments)
    pipe = asyncio.subprocess.PIPE
    return await asyncio.create_subprocess_exec(*command, env=environment(), stdout=pipe, stderr=pipe)


@asynccontextmanager
async def up_in(data_dir: Path) -> AsyncIterator[None]:
    up = await started("up", "--data", str(data_dir), "--port", str(free_port()), "--no-agent", "--json")
    assert up.stdout is not None
    assert up.stderr is not None
    listening = asyncio.create_task(up.stderr.read())
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            assert await up.stdout.readline(), (await listening).decode()
        yield
    finally:
        if up.returncode is None:
            up.send_signal(signal.SIGTERM)
        await up.wait()
        await listening


@pytest.fixture
def data_dir() -> Iterator[Path]:
    with temporary_directory() as directory:
        yield directory


@pytest.fixture
def running_up(data_dir: Path) -> Callable[[], AbstractAsyncContextManager[None]]:
    """Starts the system in the data directory, and drains it at the end of the block."""
    return lambda: up_in(data_dir)


@pytest.fixture
def fogbank(data_dir: Path) -> Callable[..., Any]:
    """Runs a command on the data directory; its exit code, output and errors."""

    async def run(*arguments: str) -> tuple[int | None, str, str]:
        process = await started(*arguments, "--data", str(data_dir))
        async with asyncio.timeout(PATIENCE_SECONDS):
            out, err = await process.communicate()
        return process.returncode, out.decode(), err.decode()

    return run


@pytest.fixture
def audited(data_dir: Path) -> Callable[..., Any]:
    """Audits the running system."""

    async def audit(patience_seconds: float = 0) -> Report:
        loaded, _ = settings_of_running(data_dir)
        async with auditor(loaded.settings) as service:
            return await service.audit(patience_seconds, lambda _: None)

    return audit
