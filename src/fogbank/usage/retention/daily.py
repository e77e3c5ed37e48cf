"""The daily run: policies are applied once a day, without anybody asking."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from fogbank.runtime.clock import Clock
from fogbank.runtime.problems import Problem
from fogbank.usage.retention.errors import NeedUnknown, NotAtRest
from fogbank.usage.retention.service import RetentionService

HOUR_OF_DAY = 3
"""In UTC, when the day before is over and most fleets are quiet."""
AGAIN_SECONDS = 600.0
"""How soon a run is tried again that had to wait for another component."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class DailyRun:
    """Applies policies when the process starts, which may be long after the last time, and then every day."""

    service: RetentionService
    clock: Clock

    async def run(self) -> None:
        """Apply them every day, for ever. What has to wait is tried again; anything else is a failure."""
        while True:
            try:
                await self.service.apply(thorough=False)
            except (Problem, NeedUnknown, NotAtRest) as error:
                _log.warning("retention_waits", reason=str(error))
                await asyncio.sleep(AGAIN_SECONDS)
            else:
                await asyncio.sleep(seconds_until_next(self.clock()))


def seconds_until_next(now: datetime) -> float:
    """How long it is until the next run of a day is due."""
    today = now.replace(hour=HOUR_OF_DAY, minute=0, second=0, microsecond=0)
    due_at = today if now < today else today + timedelta(days=1)
    return (due_at - now).total_seconds()
