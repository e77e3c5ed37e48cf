"""What a supervisor looks after: a server of our own kind, or one of Fogbank's processes."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from fogbank.runtime.failures import ServerFailed, reason_in
from fogbank.runtime.process import Command, Process, end_left_over, launch
from fogbank.runtime.supervisor.readiness import heard_ready, ready_pipe

START_PATIENCE_SECONDS = 90.0

MoreEnvironment = Callable[[], Awaitable[Mapping[str, str]]]


class Child(Protocol):
    """Something that is started, may die, is started again, and is stopped at the end."""

    @property
    def name(self) -> str: ...
    @property
    def process(self) -> Process | None: ...
    async def start(self) -> Process:
        """Start it and wait until it is ready; `ServerFailed` says in a sentence why it is not."""
        ...

    async def stop(self) -> None: ...


@dataclass(slots=True)
class FogbankChild:
    """A process of Fogbank: `fogbank ARGUMENTS`. It says that it is ready through a pipe.

    `listeners` are the sockets that it serves on. We keep them open: while the child is restarted, its port stays ours,
    and new requests wait instead of being refused. `more_environment` is asked at each start, for what is known then.
    """

    name: str
    arguments: Sequence[str]
    data_dir: Path
    environment: Mapping[str, str]
    listeners: Sequence[socket.socket] = ()
    more_environment: MoreEnvironment | None = None
    process: Process | None = field(default=None)

    async def start(self) -> Process:
        await end_left_over(self.pid_path)
        with ready_pipe() as (reading, writing):
            try:
                more = await self.more_environment() if self.more_environment else {}
                self.process = await launch(self._command(writing, more))
            finally:
                os.close(writing)
            await self._await_ready(self.process, reading)
        return self.process

    async def stop(self) -> None:
        if self.process is not None:
            await self.process.stop()

    @property
    def pid_path(self) -> Path:
        return self.data_dir / "run" / f"{self.name}.pid"

    async def _await_ready(self, process: Process, reading: int) -> None:
        try:
            async with asyncio.timeout(START_PATIENCE_SECONDS):
                if await heard_ready(reading):
                    return
                await process.wait()
            raise ServerFailed(f"{self.name} did not start: {reason_in(process.log_since_start())}.")
        except TimeoutError:
            raise ServerFailed(f"{self.name} was not ready after {START_PATIENCE_SECONDS:.0f} s.") from None
        except asyncio.CancelledError:
            process.kill()
            raise

    def _command(self, ready: int, more: Mapping[str, str]) -> Command:
        inherited = [ready, *(listener.fileno() for listener in self.listeners)]
        options = ["--data", str(self.data_dir), "--ready-fd", str(ready)]
        for listener in self.listeners:
            options += ["--listen-fd", str(listener.fileno())]
        return Command(
            name=self.name,
            arguments=[sys.executable, "-m", "fogbank", *self.arguments, *options],
            log_path=self.data_dir / "logs" / f"{self.name}.log",
            pid_path=self.pid_path,
            environment={**self.environment, **more},
            # Without a supervisor its servers go too, and a drain would only wait for them.
            death_signal=signal.SIGKILL,
            inherited=inherited,
        )
