"""Thresholds, wired: their routes, and the tasks that check them and tell what was crossed."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from fastapi import APIRouter

from fogbank.accounts.client import AccountsClient, NotServed, StandingsClient
from fogbank.billing.client import BillingClient
from fogbank.compute.current.picture import Picture
from fogbank.compute.current.service import CurrentUsageService
from fogbank.compute.thresholds.acting import Acting
from fogbank.compute.thresholds.api import threshold_routes
from fogbank.compute.thresholds.checking import Checker
from fogbank.compute.thresholds.money import Purses
from fogbank.compute.thresholds.service import ThresholdService
from fogbank.compute.thresholds.telling import Teller
from fogbank.compute.thresholds.tidying import TIDY_EVERY, Tidier
from fogbank.queue.client import QueueClient
from fogbank.runtime.clock import Clock
from fogbank.runtime.component import BackgroundTask
from fogbank.runtime.database import Database
from fogbank.runtime.entropy import system_entropy
from fogbank.runtime.problems import Problem
from fogbank.runtime.waiting import until_set

CHECK_EVERY_SECONDS = 10.0
"""A reading waits at most so long for its check; a threshold that was set, for none."""
NOT_FOUND = 404


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The room's parts, for the component."""

    service: ThresholdService
    checker: Checker
    router: APIRouter
    tasks: Sequence[BackgroundTask]


@dataclass(frozen=True, slots=True)
class ThresholdsOpening:
    """What thresholds work with, besides the picture; `acting` is what nodes are told of them."""

    database: Database
    accounts: AccountsClient
    billing: BillingClient
    acting: Acting = field(default_factory=Acting)

    def over(self, current: CurrentUsageService, queue: QueueClient, clock: Clock) -> Thresholds:
        """Thresholds on the picture that `current` holds; their signals go to `queue`."""
        payers = KnownPayers(current.picture, self.accounts)
        service = ThresholdService(self.database, self.accounts, payers, clock, system_entropy)
        checker = Checker(
            self.database,
            current,
            Purses(self.billing),
            clock,
            self.acting,
            not_served=NotServed(StandingsClient(self.accounts.service)),
        )
        teller = Teller(self.database, queue, checker.waiting, clock)
        checks = Checks(checker, Tidier(checker), service.changed)
        tasks = [BackgroundTask("check thresholds", checks.run), BackgroundTask("tell crossings", teller.run)]
        return Thresholds(service, checker, threshold_routes(service), tasks)


@dataclass(frozen=True, slots=True)
class KnownPayers:
    """Whose an instance is: as its last reading says, else as it is registered."""

    picture: Picture
    accounts: AccountsClient

    async def payer_of(self, instance_id: str) -> str | None:
        """The account that pays for it; None where nobody knows the instance."""
        reading = self.picture.instance(instance_id)
        if reading is not None:
            return reading.payer
        try:
            return (await self.accounts.instance(instance_id)).account_id
        except Problem as problem:
            if problem.status == NOT_FOUND:
                return None
            raise


@dataclass(slots=True)
class Checks:
    """Checks every few seconds, and at once when a threshold was set; tidies every hour."""

    checker: Checker
    tidier: Tidier
    changed: asyncio.Event
    _tidied_at: datetime | None = None

    async def run(self) -> None:
        """Check for ever."""
        while True:
            self.changed.clear()
            await self.checker.check()
            await self._tidy()
            await until_set(self.changed, CHECK_EVERY_SECONDS)

    async def _tidy(self) -> None:
        now = self.checker.clock()
        if self._tidied_at is None:
            self._tidied_at = now
        if abs(now - self._tidied_at) >= TIDY_EVERY:
            await self.tidier.tidy()
            self._tidied_at = now
