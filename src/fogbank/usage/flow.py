"""The flow of readings: from the queue into the store, and rolled up there. What everything else here looks at."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass
from typing import Self

from fogbank.compute.client import Admission, NodeBook
from fogbank.queue.client import ALL, QueueClient, Share
from fogbank.runtime.clock import Clock
from fogbank.runtime.component import BackgroundTask, Health
from fogbank.usage.auditing import Auditing
from fogbank.usage.ingesting.ingestion import Ingestion
from fogbank.usage.ingesting.readers import Readers
from fogbank.usage.retention.intake import Intake
from fogbank.usage.retention.model import FloorsNow
from fogbank.usage.rolling import Rolling
from fogbank.usage.stamps import Stamps
from fogbank.usage.store import marks, retention, rollups
from fogbank.usage.store.engine import Engine

ROLLUP_INTERVAL_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Flow:
    """One store with what brings readings into it and adds them up. Nothing runs before its tasks are started."""

    queue: QueueClient
    engine: Engine
    readers: Readers
    stamps: Stamps
    floors: FloorsNow
    intake: Intake
    ingestion: Ingestion
    rolling: Rolling
    clock: Clock
    health: Health

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        queue: QueueClient,
        dsn: str,
        clock: Clock,
        *,
        cluster: str = "",
        share: Share = ALL,
        rollup_interval_seconds: float = ROLLUP_INTERVAL_SECONDS,
        admission: Admission | None = None,
    ) -> AsyncIterator[Self]:
        """The flow into the store at `dsn`, of this process's share of the readings; closed at the end.

        Without `admission` whatever is valid is admitted.
        """
        health = Health(clock)
        opening = NodeBook.open(admission, clock, health) if admission else nullcontext()
        async with Engine.open(dsn, cluster) as engine:
            revision = await rollups.last_revision(engine)
            stamps = Stamps(clock, max(revision, await marks.last_mark(engine)))
            floors = await retention.floors_now(engine)
            intake = Intake(floors)
            rolling = Rolling(engine, stamps, clock, rollup_interval_seconds, revision, floors)
            with opening as book, Readers.open(dsn, book) as readers:
                ingestion = Ingestion(queue, engine, readers, stamps, health, intake=intake, share=share)
                yield cls(queue, engine, readers, stamps, floors, intake, ingestion, rolling, clock, health)

    @property
    def ingesting(self) -> BackgroundTask:
        return BackgroundTask("ingestion", self.ingestion.run)

    @property
    def rolling_up(self) -> BackgroundTask:
        return BackgroundTask("rolling", self.rolling.run)

    @property
    def auditing(self) -> Auditing:
        workers = self.ingestion.share.workers
        return Auditing(self.queue, self.engine, self.readers, self.rolling, self.floors, workers)
