"""The agent of a node: at every tick of the grid it measures and writes, and it sends until the queue has it all."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import structlog

from fogbank.compute.agent.collectors import Collector
from fogbank.compute.agent.collectors.boot import boot_id
from fogbank.compute.agent.collectors.cgroups import CgroupCollector, CgroupTarget
from fogbank.compute.agent.collectors.host import HostCollector
from fogbank.compute.agent.collectors.kernel_files import allow_many_files
from fogbank.compute.agent.metering import Metering, Round
from fogbank.compute.agent.model import Instance, Tick
from fogbank.compute.agent.sending import Sender
from fogbank.compute.agent.spool import Spool, SpoolFull
from fogbank.kernel.ids import is_id
from fogbank.kernel.periods import microseconds_of
from fogbank.queue.client import QueueClient, usage_subject
from fogbank.runtime.clock import Clock, MonotonicClock, monotonic_seconds, now_utc

INTERVAL_SECONDS_MAX = 3600
"""A period is at most an hour."""
NAMED_MAX = 3
"""How many instances a line of the log names; it counts them all."""

_log = structlog.get_logger(__name__)


class SettingRefused(ValueError):
    """A setting that the agent cannot run with; the text names it."""


@dataclass(frozen=True, slots=True)
class AgentSettings:
    """What an agent needs to know. `host` is this machine as an instance, None where only cgroups are metered."""

    node_id: str
    spool_path: Path
    queue_url: str
    queue_user: str | None = None
    queue_password: str | None = None
    queue_inbox_prefix: str | None = None
    interval_seconds: int = 30
    host: Instance | None = None
    cgroups: tuple[CgroupTarget, ...] = ()

    def __post_init__(self) -> None:
        if not 1 <= self.interval_seconds <= INTERVAL_SECONDS_MAX:
            raise SettingRefused(
                f"interval_seconds is {self.interval_seconds}; it must be between 1 and {INTERVAL_SECONDS_MAX}"
            )
        if self.host is None and not self.cgroups:
            raise SettingRefused("there is nothing to meter: give the host as an instance, or cgroups")
        for setting, value in self._ids():
            # The queue would take its readings, and every one of them would end in the quarantine.
            if not is_id(value):
                raise SettingRefused(f"{setting} '{value}' must be 1 to 128 of letters, digits and _ . : -")

    def _ids(self) -> Iterator[tuple[str, str]]:
        yield "node_id", self.node_id
        for owner in (self.host, *self.cgroups):
            if owner is not None:
                yield "user_id", owner.user_id
                yield "org_id", owner.org_id or "none"
        if self.host is not None:
            yield "the host's instance id", self.host.id
        for target in self.cgroups:
            yield f"the instance id of {target.path}", target.instance_id_of("any")


async def run_agent(
    settings: AgentSettings,
    *,
    clock: Clock = now_utc,
    monotonic: MonotonicClock = monotonic_seconds,
    collectors: Sequence[Collector] | None = None,
) -> None:
    """Meter and send until cancelled. `SpoolUnusable` and `NoCgroups` say why it cannot start.

    `monotonic` counts from the machine's boot. `collectors` replace those that the settings ask for. A stop at any
    point loses nothing: what is spooled is sent at the next start, and each period begins where the one before it
    ended.
    """
    moments = Moments(clock, monotonic, boot_id())
    with (
        _closing(_collectors_for(settings, moments.boot_id) if collectors is None else collectors) as opened,
        Spool.open(settings.spool_path, settings.node_id, moments.now().end_us) as spool,
    ):
        metering = Metering(settings.node_id, opened, spool)
        sender = Sender(spool, usage_subject(settings.node_id))
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(_meter(metering, moments, settings.interval_seconds, sender))
            tasks.create_task(sender.send_for_ever(_queue_of(settings)))


@dataclass(frozen=True, slots=True)
class Moments:
    """The wall clock and the monotonic clock of this boot, read together."""

    clock: Clock
    monotonic: MonotonicClock
    boot_id: str

    def now(self) -> Tick:
        """The present moment, on both."""
        return Tick(microseconds_of(self.clock()), self.boot_id, round(self.monotonic() * 1e6))

    def last_of_grid(self, interval_seconds: int) -> Tick:
        """The last tick of the wall clock's grid. It is the same tick however late it is looked at."""
        now = self.now()
        late_us = now.end_us % (interval_seconds * 1_000_000)
        return Tick(now.end_us - late_us, self.boot_id, now.monotonic_us - late_us)

    def seconds_to_next(self, interval_seconds: int) -> float:
        """How long until the next tick of the grid."""
        interval_us = interval_seconds * 1_000_000
        return (interval_us - self.now().end_us % interval_us) / 1e6


async def _meter(metering: Metering, moments: Moments, interval_seconds: int, sender: Sender) -> None:
    _tell(metering.begin, moments.now())
    while True:
        await asyncio.sleep(moments.seconds_to_next(interval_seconds))
        _tell(metering.tick, moments.last_of_grid(interval_seconds))
        sender.wake()


def _queue_of(settings: AgentSettings) -> AbstractAsyncContextManager[QueueClient]:
    return QueueClient.open(
        settings.queue_url,
        user=settings.queue_user,
        password=settings.queue_password,
        inbox_prefix=settings.queue_inbox_prefix,
        name=f"agent {settings.node_id}",
    )


def _tell(round_of: Callable[[Tick], Round], tick: Tick) -> None:
    """Do a round, and say what an operator should know about it."""
    try:
        done = round_of(tick)
    except SpoolFull as full:
        _log.error("tick_not_written", reason=str(full), meanwhile="the next tick covers this one, up to an hour")
        return
    for event, facts in (
        ("readings_missing", done.failures),
        ("counters_reset", done.resets),
        ("left_unmetered", done.unmetered),
    ):
        if facts:
            _log.warning(event, count=len(facts), first=facts[:NAMED_MAX])
    if done.waiting and not done.events:
        _log.warning("clock_set_back", meanwhile="nothing is reported until the clock passes what was reported already")


@contextmanager
def _closing(collectors: Sequence[Collector]) -> Iterator[Sequence[Collector]]:
    try:
        yield collectors
    finally:
        for collector in collectors:
            collector.close()


def _collectors_for(settings: AgentSettings, boot: str) -> list[Collector]:
    collectors: list[Collector] = []
    if settings.host is not None:
        collectors.append(HostCollector(settings.host, boot))
    if settings.cgroups:
        allow_many_files()
        collectors.append(CgroupCollector.of_this_machine(settings.cgroups, boot))
    return collectors
