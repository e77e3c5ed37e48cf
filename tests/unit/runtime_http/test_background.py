"""Background work: it comes back after each failure, says so, and is cleaned up at the end."""

import asyncio
from datetime import UTC, datetime

import pytest

from fogbank.runtime.component import BackgroundTask, Component, Health
from fogbank.runtime.http.background import back_off, keep_running, running_tasks


def health() -> Health:
    return Health(lambda: datetime(2026, 11, 25, tzinfo=UTC))


async def test_it_runs_again_after_each_failure_and_waits_longer() -> None:
    waits: list[int] = []
    runs = 0

    async def run() -> None:
        nonlocal runs
        runs += 1
        if runs <= 3:
            raise RuntimeError(f"failure {runs}")

    def wait(failures: int) -> float:
        waits.append(failures)
        return 0.0

    state = health()
    await keep_running(BackgroundTask("work", run), state, wait)
    assert (runs, sorted(set(waits))) == (4, [1, 2, 3])
    assert (state.is_ok, state.detail) == (False, "work failed: RuntimeError: failure 3")


async def test_a_failure_after_a_long_good_run_is_a_first_failure() -> None:
    instants = iter([0.0, 1.0, 2.0, 100.0, 101.0, 102.0])
    waits: list[int] = []
    runs = 0

    async def run() -> None:
        nonlocal runs
        runs += 1
        if runs <= 2:
            raise RuntimeError

    def wait(failures: int) -> float:
        waits.append(failures)
        return 0.0

    await keep_running(BackgroundTask("work", run), health(), wait, lambda: next(instants))
    assert set(waits) == {1}


async def test_at_the_end_everything_is_cancelled_and_has_cleaned_up() -> None:
    began, cleaned = asyncio.Event(), asyncio.Event()

    async def run() -> None:
        try:
            began.set()
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            cleaned.set()

    async with running_tasks([Component("c", health(), tasks=[BackgroundTask("work", run)])]):
        await began.wait()
    assert cleaned.is_set()


@pytest.mark.parametrize(("failures", "seconds"), [(1, 0.5), (2, 1.0), (6, 16.0), (7, 30.0), (10_000, 30.0)])
def test_the_wait_doubles_up_to_half_a_minute(failures: int, seconds: float) -> None:
    assert back_off(failures) == seconds
