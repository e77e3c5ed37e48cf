"""The operator's program: told what a threshold on this node asks for, since Fogbank itself touches no instance.

It is run with one JSON document on its standard input, and does with the instance what the operator thinks right. It is
bounded in time and number, and no tick waits for it. Of one threshold and instance only what holds last is told, and
never two things at once.
"""

import asyncio
import contextlib
import os
import signal
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import structlog

from fogbank.compute.thresholds.local import Facts, LocalThresholds
from fogbank.events.node_configuration import NodeConfiguration
from fogbank.events.usage_event import UsageEvent

RUN_SECONDS_MAX = 10.0
RUNS_AT_ONCE = 4
WAITING_MAX = 10_000

Key = tuple[str, str]
"""A threshold and an instance."""

_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Hook:
    """Runs `program` for what it is told, a few at once; None says what happened in the log and no more."""

    program: Path | None
    seconds_max: float = RUN_SECONDS_MAX
    _waiting: dict[Key, Facts] = field(default_factory=dict)
    _running: set[Key] = field(default_factory=set)
    _wake: asyncio.Event = field(default_factory=asyncio.Event)

    def tell(self, happened: Sequence[Facts]) -> None:
        """Have the program told, as soon as there is room. Returns at once."""
        for facts in happened:
            _log.info("threshold_crossed", **facts)
            if self.program is None:
                continue
            key = (facts["threshold_id"], facts["instance_id"])
            if key not in self._waiting and len(self._waiting) >= WAITING_MAX:
                _log.error("hook_not_run", reason=f"{WAITING_MAX} things wait for it already", **facts)
            else:
                self._waiting[key] = facts
        self._wake.set()

    async def run(self) -> None:
        """Run the program for what waits, for ever. When it ends, what it started has ended too."""
        async with asyncio.TaskGroup() as tasks:
            while True:
                await self._wake.wait()
                self._wake.clear()
                for key in [key for key in self._waiting if key not in self._running]:
                    if len(self._running) >= RUNS_AT_ONCE:
                        break
                    self._running.add(key)
                    tasks.create_task(self._run_once(key, self._waiting.pop(key)))

    async def _run_once(self, key: Key, facts: Facts) -> None:
        try:
            failure = await run_program(str(self.program), msgspec.json.encode(facts), self.seconds_max)
        except Exception as error:  # noqa: BLE001 - whatever it is, the agent goes on measuring
            failure = f"{type(error).__name__}: {error}"
        finally:
            self._running.discard(key)
            self._wake.set()
        if failure is not None:
            _log.error("hook_failed", program=str(self.program), reason=failure, **facts)


async def run_program(program: str, document: bytes, seconds_max: float) -> str | None:
    """Run it with `document` on its standard input; what went wrong, None if nothing. Its own words go to our log."""
    try:
        process = await asyncio.create_subprocess_exec(
            program, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.DEVNULL, start_new_session=True
        )
    except OSError as error:
        return f"it cannot be started: {error.strerror or error}"
    try:
        async with asyncio.timeout(seconds_max):
            await process.communicate(document)
    except TimeoutError:
        return f"it did not end within {seconds_max:g} seconds, and was ended"
    finally:
        # Whatever it started belongs to its session, and goes with it.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
    return None if process.returncode == 0 else f"it ended with {process.returncode}"


@dataclass(frozen=True, slots=True)
class LocalChecks:
    """What is done after a tick: this node's thresholds are checked, and the operator's program is told."""

    thresholds: LocalThresholds
    hook: Hook

    def after_tick(self, events: Sequence[UsageEvent], configuration: NodeConfiguration, now_us: int) -> None:
        """Check the readings of a tick that ended at `now_us` against what the node was told. Returns at once."""
        try:
            self.hook.tell(self.thresholds.crossings(configuration.thresholds, events, now_us))
        except Exception:  # noqa: BLE001 - whatever it is, the agent goes on measuring
            _log.exception("thresholds_not_checked")
