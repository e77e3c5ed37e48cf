"""The current usage: follows the queue into the picture, and answers from it what a caller may see."""

import asyncio
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from fogbank.compute.client.admitting.judging import Judge
from fogbank.compute.client.current import Activity, CurrentUsage, InstanceCurrent
from fogbank.compute.current.admitting import Admitting
from fogbank.compute.current.picture import Arrivals, Latest, Picture, latest_of
from fogbank.compute.current.sums import Summed, Sums, summed
from fogbank.compute.current.views import instance_view
from fogbank.kernel.periods import microseconds_of
from fogbank.queue.client import Message, QueueClient, is_of_door
from fogbank.runtime.auth import Caller
from fogbank.runtime.clock import Clock
from fogbank.runtime.component import Health

TIDY_SECONDS = 10.0
SLICE_EVENTS = 1_000
"""After so many events of one message, requests get their turn."""


class NoSuchThing(Exception):
    """What was asked for does not exist, or is not this caller's to see."""

    def __init__(self, what: str, identifier: str) -> None:
        super().__init__(f"no {what} '{identifier}'")
        self.what = what
        self.identifier = identifier


@dataclass(slots=True)
class CurrentUsageService:
    """Holds the picture. `interval_seconds` is how often nodes are expected to report."""

    queue: QueueClient
    clock: Clock
    health: Health
    interval_seconds: int
    admitting: Admitting = field(default_factory=Admitting)
    picture: Picture = field(default_factory=Picture)
    arrivals: Arrivals = field(default_factory=Arrivals)
    sums: Sums = field(default_factory=Sums)
    wrong_events: int = 0

    @property
    def _interval_us(self) -> int:
        return self.interval_seconds * 1_000_000

    async def follow(self) -> None:
        """Take every node's last message, then each new one, for ever. What is wrong is counted and passed over."""
        with self.admitting.judge() as judge:
            async for message in self.queue.follow_latest():
                await self._take(message, judge)

    async def tidy(self) -> None:
        """Forget who is silent, and say how the queue is, for ever."""
        while True:
            self.picture.forget_old(microseconds_of(self.clock()))
            self.admitting.forget(lambda instance_id: self.picture.instance(instance_id) is not None)
            if self.admitting.trouble:
                self.health.failed(self.admitting.trouble)
            elif self.queue.connection.is_connected:
                self.health.succeeded(f"{len(self.picture)} instances, {self.wrong_events} events were not taken")
            else:
                self.health.failed("the queue is down; the picture is as it was")
            await asyncio.sleep(TIDY_SECONDS)

    def instance_current(self, caller: Caller, instance_id: str) -> CurrentUsage:
        """The latest reading of one instance; `NoSuchThing` where there is none that the caller may see."""
        reading = self.picture.instance(instance_id)
        if reading is None or not caller.may_see(reading.payer):
            raise NoSuchThing("instance", instance_id)
        now = self.clock()
        return self._usage(instance_id, summed([reading], microseconds_of(now), self._interval_us), now, None, 1)

    def user_current(self, caller: Caller, user_id: str, after: str | None, limit: int) -> CurrentUsage:
        """The user's instances, without those paid by an organisation that the caller is not in."""
        if not caller.may_see(user_id):
            raise NoSuchThing("user", user_id)
        visible = None if caller.sees_everything else caller.visible_accounts

        def look() -> list[Latest]:
            return [reading for reading in self.picture.of_user(user_id) if caller.may_see(reading.payer)]

        return self._owner_usage(user_id, (user_id, visible), look, after, limit)

    def organization_current(self, caller: Caller, org_id: str, after: str | None, limit: int) -> CurrentUsage:
        """The organisation's instances."""
        if not caller.may_see(org_id):
            raise NoSuchThing("organization", org_id)
        return self._owner_usage(org_id, org_id, lambda: self.picture.of_organization(org_id), after, limit)

    def activity(self, caller: Caller) -> Activity:
        """How many readings of the accounts that the caller may see come in."""
        payers = None if caller.sees_everything else caller.visible_accounts
        now_second = int(self.clock().timestamp())
        return Activity(self.arrivals.per_second(now_second, payers), Arrivals.WINDOW_SECONDS)

    async def _take(self, message: Message, judge: Judge | None) -> None:
        events = await self.admitting.read(message, judge)
        if events is None:
            self.wrong_events += 1
            return
        self.wrong_events += len(events.wrong)
        arrived_second = int(message.received_at.timestamp())
        is_measured = not is_of_door(message.node_id)
        for start in range(0, len(events.valid), SLICE_EVENTS):
            readings = latest_of(events, range(start, min(start + SLICE_EVENTS, len(events.valid))), message.node_id)
            # What customers say themselves is counted and not shown: nobody may put another reading in place of what
            # a node measured, of their own instance or of somebody else's.
            for reading in readings if is_measured else ():
                self.picture.see(reading)
            self.arrivals.add((reading.payer for reading in readings), arrived_second)
            await asyncio.sleep(0)

    def _owner_usage(
        self, owner: str, key: Hashable, look: Callable[[], Sequence[Latest]], after: str | None, limit: int
    ) -> CurrentUsage:
        now = self.clock()
        found = self.sums.of(key, self.picture.change_of(owner), microseconds_of(now), self._interval_us, look)
        return self._usage(owner, found, now, after, limit)

    def _usage(self, identifier: str, found: Summed, now: datetime, after: str | None, limit: int) -> CurrentUsage:
        listed, next_cursor = found.page(after, limit)
        return CurrentUsage(identifier, now, found.totals, [self._view(each, now) for each in listed], next_cursor)

    def _view(self, reading: Latest, now: datetime) -> InstanceCurrent:
        is_stale = reading.is_stale(microseconds_of(now), self._interval_us)
        return instance_view(reading, now, is_stale=is_stale)
