"""Background work: runs beside the routes, is started again when it fails, and stops when the app stops."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

import structlog

from fogbank.kernel.waits import doubled
from fogbank.runtime.clock import MonotonicClock, monotonic_seconds
from fogbank.runtime.component import BackgroundTask, Component, Health

log = structlog.get_logger(__name__)

BACK_OFF_MIN_SECONDS = 0.5
BACK_OFF_MAX_SECONDS = 30.0
STEADY_SECONDS = 60.0
"""What ran this long was well: its next failure is a new one, and waits the least."""

BackOff = Callable[[int], float]
"""Gives the seconds to wait after so many failures in a row."""


def back_off(failures: int) -> float:
    """Doubles from half a second to half a minute."""
    return doubled(BACK_OFF_MIN_SECONDS, failures - 1, BACK_OFF_MAX_SECONDS)


@asynccontextmanager
async def running_tasks(components: Sequence[Component], wait: BackOff = back_off) -> AsyncIterator[None]:
    """Run every component's tasks; at the end cancel them and wait until each has cleaned up."""
    running = [
        asyncio.create_task(keep_running(task, component.health, wait), name=f"{component.name}:{task.name}")
        for component in components
        for task in component.tasks
    ]
    try:
        yield
    finally:
        for work in running:
            work.cancel()
        await asyncio.gather(*running, return_exceptions=True)


async def keep_running(
    task: BackgroundTask, health: Health, wait: BackOff = back_off, monotonic: MonotonicClock = monotonic_seconds
) -> None:
    """Run `task` until it ends by itself or is cancelled; each failure is told to `health` and tried again."""
    failures = 0
    while True:
        started_seconds = monotonic()
        try:
            await task.run()
        except Exception as error:  # whatever it is, the component must come back
            failures = 1 if monotonic() - started_seconds >= STEADY_SECONDS else failures + 1
            health.failed(f"{task.name} failed: {type(error).__name__}: {error}")
            log.exception("background task failed", task=task.name, failures=failures, again_in=wait(failures))
            await asyncio.sleep(wait(failures))
        else:
            return
