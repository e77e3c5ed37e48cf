"""Durable jobs: what is due runs, in every process once, and a failure is seen and tried again."""

import asyncio
from datetime import UTC, datetime

import psycopg

from fogbank.runtime.component import Component, Health, PeriodicJob
from fogbank.runtime.http.background import running_tasks
from fogbank.runtime.jobs import open_jobs

EVERY_SECOND = "* * * * * *"


def clock() -> datetime:
    return datetime(2026, 11, 25, tzinfo=UTC)


async def test_a_due_job_runs_on_the_real_queue(postgres_url: str) -> None:
    done = asyncio.Event()

    async def run() -> None:
        done.set()

    owner = Component("owner", Health(clock), jobs=[PeriodicJob("owner.tick", EVERY_SECOND, run)])
    async with open_jobs(url=postgres_url, clock=clock, components=[owner]) as jobs, running_tasks([jobs]):
        async with asyncio.timeout(20):
            await done.wait()
    assert jobs.health.is_ok


async def test_a_failing_job_is_told_to_health_and_tried_again(postgres_url: str) -> None:
    failed_twice = asyncio.Event()
    runs = 0

    async def run() -> None:
        nonlocal runs
        runs += 1
        if runs > 1:
            failed_twice.set()
        raise RuntimeError("no disk")

    owner = Component("owner", Health(clock), jobs=[PeriodicJob("owner.fails", EVERY_SECOND, run)])
    async with open_jobs(url=postgres_url, clock=clock, components=[owner]) as jobs, running_tasks([jobs]):
        async with asyncio.timeout(20):
            await failed_twice.wait()
    assert (jobs.health.is_ok, jobs.health.detail) == (False, "owner.fails failed: RuntimeError: no disk")


async def test_the_queue_lives_in_a_schema_of_its_own(postgres_url: str) -> None:
    with psycopg.connect(postgres_url) as connection:
        found = connection.execute(
            "SELECT DISTINCT table_schema FROM information_schema.tables WHERE table_name LIKE 'procrastinate%'"
        ).fetchall()
    assert found == [("procrastinate",)]
