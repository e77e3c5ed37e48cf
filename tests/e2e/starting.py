"""Starting the product as its user does: `fogbank …` in a process of its own."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from fogbank.runtime.ports import free_port

PATIENCE_SECONDS = 120


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "fogbank", *arguments]


def environment(**settings: str) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("FOGBANK_")}
    return {**inherited, "COLUMNS": "200", **settings}


def fogbank(*arguments: str, typed: str | None = None, **settings: str) -> subprocess.CompletedProcess[str]:
    """A command that ends by itself, with what was typed to it."""
    return subprocess.run(
        command(*arguments),
        check=False,
        env=environment(**settings),
        capture_output=True,
        text=True,
        input=typed,
        timeout=PATIENCE_SECONDS,
    )


@dataclass
class Up:
    """A `fogbank up` that says that it is ready."""

    process: asyncio.subprocess.Process
    ready: dict[str, Any]

    async def says(self, words: str) -> str:
        """The next line with these words on it."""
        assert self.process.stderr is not None
        async with asyncio.timeout(PATIENCE_SECONDS):
            while line := (await self.process.stderr.readline()).decode():
                if words in line:
                    return line
        raise AssertionError(f"it ended without saying '{words}'")

    async def ends(self) -> int:
        async with asyncio.timeout(PATIENCE_SECONDS):
            await self.process.communicate()
        assert self.process.returncode is not None
        return self.process.returncode


@asynccontextmanager
async def running_up(data_dir: Path, **settings: str) -> AsyncIterator[Up]:
    """A system in `data_dir`, with these settings in its environment; drained at the end."""
    process = await asyncio.create_subprocess_exec(
        *command(
            "up", "--data", str(data_dir), "--port", settings.get("FOGBANK_HTTP_PORT", str(free_port())), "--json"
        ),
        env=environment(**settings),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        async with asyncio.timeout(PATIENCE_SECONDS):
            line = await process.stdout.readline()
        assert line, (await process.communicate())[1].decode()
        yield Up(process, msgspec.json.decode(line))
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        await process.communicate()
