"""`up`: how long `fogbank up` takes until everything is ready, in an empty directory and in one that was used."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import msgspec

from fogbank.runtime.clock import monotonic_seconds
from fogbank.runtime.embedded import temporary_directory
from fogbank.runtime.failures import ServerFailed, reason_in
from fogbank.runtime.ports import free_port
from fogbank.runtime.settings_sources import PREFIX

START_PATIENCE_SECONDS = 180.0
STOP_PATIENCE_SECONDS = 120.0


async def run(*, warm_starts: int = 3) -> dict[str, object]:
    """`cold_seconds` of the first start, and `warm_seconds`, the median of the starts after it.

    A start is from the command to its word that everything is ready, that is with the interpreter's own start.
    """
    with temporary_directory() as data_dir:
        cold_seconds = await _start_seconds(data_dir)
        warm = sorted([await _start_seconds(data_dir) for _ in range(max(warm_starts, 1))])
    return {
        "cold_seconds": round(cold_seconds, 3),
        "warm_seconds": round(warm[len(warm) // 2], 3),
        "warm_starts": len(warm),
    }


async def _start_seconds(data_dir: Path) -> float:
    began = monotonic_seconds()
    environment = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    arguments = ["up", "--data", str(data_dir), "--port", str(free_port()), "--json"]
    process = await asyncio.create_subprocess_exec(
        *[sys.executable, "-m", "fogbank", *arguments],
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=environment,
    )
    try:
        assert process.stdout is not None
        async with asyncio.timeout(START_PATIENCE_SECONDS):
            line = await process.stdout.readline()
        seconds = monotonic_seconds() - began
        if not line:
            _, said = await process.communicate()
            raise ServerFailed(f"`fogbank up` did not start: {reason_in(said.decode())}.")
        msgspec.json.decode(line)
        return seconds
    finally:
        await _stop(process)


async def _stop(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.send_signal(signal.SIGTERM)
    async with asyncio.timeout(STOP_PATIENCE_SECONDS):
        await process.communicate()
