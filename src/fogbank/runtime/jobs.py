"""Durable jobs: work that is due at certain times and must happen once, whatever crashes and however many run.

procrastinate keeps them in PostgreSQL, in a schema of their own. A component names its periodic jobs in `jobs`; one
worker per process runs those of all its components.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import procrastinate
import structlog

from fogbank.runtime.clock import Clock
from fogbank.runtime.component import BackgroundTask, Component, Health, PeriodicJob
from fogbank.runtime.tenancy import SYSTEM_ROLE

log = structlog.get_logger(__name__)

CONNECTIONS_MAX = 3
OPTIONS = f"-c search_path=procrastinate -c role={SYSTEM_ROLE}"
GRACE_SECONDS = 5
"""How long a job may take to end when the process stops; then it is cut, and another worker starts it again."""


@asynccontextmanager
async def open_jobs(*, url: str, clock: Clock, components: Sequence[Component]) -> AsyncIterator[Component]:
    """A component whose worker runs the periodic jobs of `components` from the database at `url`."""
    health = Health(clock)
    connector = procrastinate.PsycopgConnector(
        conninfo=url, min_size=1, max_size=CONNECTIONS_MAX, kwargs={"options": OPTIONS}
    )
    app = procrastinate.App(connector=connector)
    for component in components:
        for job in component.jobs:
            _register(app, component.name, job, health)

    async def work() -> None:
        async with app.open_async():
            health.succeeded("waiting for what is due")
            await app.run_worker_async(
                queues=[component.name for component in components],  # another process' jobs are not ours to run
                install_signal_handlers=False,
                shutdown_graceful_timeout=GRACE_SECONDS,
                delete_jobs="successful",
            )

    yield Component(name="jobs", health=health, tasks=[BackgroundTask("run jobs", work)])


def _register(app: procrastinate.App, queue: str, job: PeriodicJob, health: Health) -> None:
    """Make `job` known: it is queued when due, at most once, and never runs beside itself."""

    async def run(timestamp: int) -> None:  # noqa: ARG001  # when it was due; procrastinate passes it by name
        try:
            await job.run()
        except Exception as error:
            health.failed(f"{job.name} failed: {type(error).__name__}: {error}")
            raise
        health.succeeded(f"{job.name} is done")
        log.info("job done", job=job.name)

    task = app.task(name=job.name, queue=queue, lock=job.name, queueing_lock=job.name, retry=3)(run)
    app.periodic(cron=job.cron)(task)
