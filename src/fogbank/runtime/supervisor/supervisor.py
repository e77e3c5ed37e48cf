"""The supervisor: starts children in waves, restarts those that die, and drains them in the opposite order."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from fogbank.kernel.waits import doubled
from fogbank.runtime.clock import MonotonicClock
from fogbank.runtime.failures import ServerFailed, reason_in
from fogbank.runtime.ports import PortForbidden, PortTaken
from fogbank.runtime.process import trim_log
from fogbank.runtime.supervisor.child import Child

BACKOFF_SECONDS_MIN = 0.1
BACKOFF_SECONDS_MAX = 30.0
SETTLED_SECONDS = 60.0
"""Who ran that long and dies is restarted at once; who keeps dying waits twice as long each time."""

TRIM_SECONDS = 60.0

StartFailed = (ServerFailed, PortTaken, PortForbidden, OSError)


class What(StrEnum):
    """What happened to a child."""

    STARTING = "starting"
    READY = "ready"
    DIED = "died"
    RESTARTED = "restarted"
    FAILED = "failed"
    STOPPING = "stopping"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Happened:
    """Something happened to `child`, for people to read. `seconds` is how long it took, or is waited for."""

    child: str
    what: What
    seconds: float = 0.0
    detail: str = ""


def backoff_seconds(deaths: int) -> float:
    """How long to wait before the restart after that many deaths in a row (1, 2, …)."""
    return doubled(BACKOFF_SECONDS_MIN, deaths - 1, BACKOFF_SECONDS_MAX)


@dataclass(slots=True)
class Supervisor:
    """Looks after `waves` of children: a wave starts together, when the one before it is ready."""

    waves: Sequence[Sequence[Child]]
    report: Callable[[Happened], None]
    monotonic: MonotonicClock
    _keepers: list[asyncio.Task[None]] = field(default_factory=list)

    async def start(self) -> None:
        """Start every child; the first that cannot start ends it, with its own error."""
        for wave in self.waves:
            await _all_or_first_error([self._start(child) for child in wave])
        self._keepers = [asyncio.create_task(self._keep(child), name=child.name) for child in self._children()]
        self._keepers.append(asyncio.create_task(self._trim_logs(), name="logs"))

    async def drain(self) -> None:
        """Stop every child, the last started first, one after the other."""
        for keeper in self._keepers:
            keeper.cancel()
        await asyncio.gather(*self._keepers, return_exceptions=True)
        for child in reversed(self._children()):
            if child.process is not None:
                self.report(Happened(child.name, What.STOPPING))
                began = self.monotonic()
                await child.stop()
                self.report(Happened(child.name, What.STOPPED, self.monotonic() - began))

    def kill(self) -> None:
        """End every child at once. Nothing acknowledged is lost: each of them survives that."""
        for child in self._children():
            if child.process is not None:
                child.process.kill()

    def pids(self) -> dict[str, int]:
        return {child.name: child.process.pid for child in self._children() if child.process is not None}

    def _children(self) -> list[Child]:
        return [child for wave in self.waves for child in wave]

    async def _trim_logs(self) -> None:
        while True:
            await asyncio.sleep(TRIM_SECONDS)
            for child in self._children():
                if child.process is not None:
                    await asyncio.to_thread(trim_log, child.process.command.log_path)

    async def _start(self, child: Child) -> None:
        self.report(Happened(child.name, What.STARTING))
        began = self.monotonic()
        try:
            await child.start()
        except Exception as error:
            self.report(Happened(child.name, What.FAILED, detail=str(error)))
            raise
        self.report(Happened(child.name, What.READY, self.monotonic() - began))

    async def _keep(self, child: Child) -> None:
        deaths = 0
        while True:
            began = self.monotonic()
            assert child.process is not None
            code = await child.process.wait()
            deaths = 1 if self.monotonic() - began > SETTLED_SECONDS else deaths + 1
            wait_seconds = backoff_seconds(deaths)
            why = how_it_ended(code, child.process.log_since_start())
            self.report(Happened(child.name, What.DIED, wait_seconds, why))
            await asyncio.sleep(wait_seconds)
            deaths = await self._restart(child, deaths)

    async def _restart(self, child: Child, deaths: int) -> int:
        """Start it until it is ready; how often it has died in a row since it was last well."""
        while True:
            began = self.monotonic()
            try:
                await child.start()
            except StartFailed as error:
                deaths += 1
                wait_seconds = backoff_seconds(deaths)
                self.report(Happened(child.name, What.FAILED, wait_seconds, str(error)))
                await asyncio.sleep(wait_seconds)
            else:
                self.report(Happened(child.name, What.RESTARTED, self.monotonic() - began))
                return deaths


def how_it_ended(code: int, log: str) -> str:
    """For people: the signal that killed it, or its exit code and what it said last."""
    if code < 0:
        return f"killed by signal {-code}"
    return f"exit code {code}: {reason_in(log)}"


async def _all_or_first_error(starts: Sequence[Coroutine[Any, Any, None]]) -> None:
    tasks = [asyncio.create_task(start) for start in starts]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
