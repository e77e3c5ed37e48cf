"""Somebody who looks at history while something else is measured."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random

from fogbank.kernel.periods import instant_of
from fogbank.runtime.auth import Caller, CallerKind
from fogbank.runtime.clock import monotonic_seconds
from fogbank.simulate.model import SimulatedInstance
from fogbank.usage.client import Subject
from fogbank.usage.history.asking import history_query, narrowed_to
from fogbank.usage.history.service import HistoryService
from fogbank.usage.model import HistoryQuery

PAUSE_SECONDS = 1.0
SEED = 20_260_303
MILLISECONDS = 1_000


@dataclass(frozen=True, slots=True)
class Looking:
    """Asks for the last day of an instance, and of whoever pays for it, again and again. Notes how long that takes."""

    service: HistoryService
    instances: Sequence[SimulatedInstance]
    ends_us: int
    waits_ms: list[float] = field(default_factory=list)

    async def look_for_ever(self) -> None:
        dice = Random(SEED)  # noqa: S311 - to be repeated, not to be secret
        while True:
            await asyncio.sleep(PAUSE_SECONDS)
            one = dice.choice(self.instances)
            await self._look("instances", one.instance_id)
            if one.org_id:
                await self._look("organizations", one.org_id)

    async def _look(self, subject: Subject, subject_id: str) -> None:
        before = monotonic_seconds()
        await self.service.history(self._query(subject, subject_id), exists=True)
        self.waits_ms.append((monotonic_seconds() - before) * MILLISECONDS)

    def _query(self, subject: Subject, subject_id: str) -> HistoryQuery:
        until = instant_of(self.ends_us)
        return history_query(
            subject=subject,
            subject_id=subject_id,
            from_at=until - timedelta(days=1),
            to_at=until,
            interval="hour",
            timezone="UTC",
            group_by="",
            only=narrowed_to(instance_id="", user_id="", node_id="", tier="", meter=""),
            cursor=None,
            rows_max=100,
            caller=Caller("bench", CallerKind.SERVICE),
        )
