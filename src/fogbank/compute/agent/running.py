"""The agent of a node: at every tick of the grid it measures and writes, and it sends until the queue has it all."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from fogbank.compute.agent.collectors import Collector
from fogbank.compute.agent.collectors.boot import boot_id
from fogbank.compute.agent.collectors.cgroups import CgroupTarget
from fogbank.compute.agent.collectors.containers.targets import RuntimeTarget
from fogbank.compute.agent.collectors.gpus.targets import GpuTargets
from fogbank.compute.agent.collectors.machines.targets import QemuTarget
from fogbank.compute.agent.configuration import Configured
from fogbank.compute.agent.hooks import Hook, LocalChecks
from fogbank.compute.agent.metering import Metering
from fogbank.compute.agent.model import Instance, Owner
from fogbank.compute.agent.moments import Moments
from fogbank.compute.agent.opening import collectors_for
from fogbank.compute.agent.pace import Pace
from fogbank.compute.agent.rounds import Round
from fogbank.compute.agent.sending import BATCHES_AT_ONCE, BATCHES_PER_SECOND, Sender
from fogbank.compute.agent.spool import SPOOL_BYTES_MAX, Spool
from fogbank.compute.agent.telling import Teller
from fogbank.compute.agent.trimming import trimmer
from fogbank.compute.thresholds.local import LocalThresholds
from fogbank.kernel.ids import is_id
from fogbank.queue.client import QueueClient, usage_subject
from fogbank.runtime.clock import Clock, MonotonicClock, monotonic_seconds, now_utc

INTERVAL_SECONDS_MAX = 3600
"""A period is at most an hour."""
ASKING_SECONDS_MAX = 2.0
"""How long before a tick the configuration is asked for, and how long an answer may take."""


class SettingRefused(ValueError):
    """A setting that the agent cannot run with; the text names it."""


@dataclass(frozen=True, slots=True)
class AgentSettings:
    """What an agent needs to know.

    `host` is this machine as an instance, None where only others are metered; `libvirt` is a URI, empty for none.
    `owner` has what neither the node's configuration nor, where `trusts_found`, the instance itself says is somebody's;
    None leaves that unmetered. `key_seed` is the private key that batches are signed with, None where they are not;
    without `queue_user` it signs in to the queue too. The spool keeps up to `spool_bytes_max` of packed readings, and
    sends up to `batches_per_second` of them.
    """

    node_id: str
    spool_path: Path
    queue_url: str
    queue_user: str | None = None
    queue_password: str | None = field(default=None, repr=False)
    queue_inbox_prefix: str | None = None
    interval_seconds: int = 30
    host: Instance | None = None
    cgroups: tuple[CgroupTarget, ...] = ()
    containers: tuple[RuntimeTarget, ...] = ()
    volumes: tuple[str, ...] = ()
    qemu: tuple[QemuTarget, ...] = ()
    libvirt: str = ""
    gpus: GpuTargets | None = None
    owner: Owner | None = None
    trusts_found: bool = True
    key_seed: bytes | None = field(default=None, repr=False)
    spool_bytes_max: int = SPOOL_BYTES_MAX
    batches_per_second: int = BATCHES_PER_SECOND
    hook: Path | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.interval_seconds <= INTERVAL_SECONDS_MAX:
            raise SettingRefused(
                f"interval_seconds is {self.interval_seconds}; it must be between 1 and {INTERVAL_SECONDS_MAX}"
            )
        if not any((self.host, self.cgroups, self.containers, self.qemu, self.libvirt)):
            raise SettingRefused(
                "there is nothing to meter: give the host as an instance, cgroups, containers or machines"
            )
        for setting, value in self._ids():
            # The queue would take its readings, and every one of them would end in the quarantine.
            if not is_id(value):
                raise SettingRefused(f"{setting} '{value}' must be 1 to 128 of letters, digits and _ . : -")

    def _ids(self) -> Iterator[tuple[str, str]]:
        yield "node_id", self.node_id
        for owner in (self.host, *self.cgroups):
            if owner is not None:
                # Nobody's until a placement says whose.
                yield "user_id", owner.user_id or "none"
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
    opening: AbstractAsyncContextManager[QueueClient] | None = None,
) -> None:
    """Meter and send until cancelled. `SpoolUnusable` and `NoCgroups` say why it cannot start.

    `monotonic` counts from the machine's boot, and stands still while the machine sleeps. `collectors` and `opening`
    replace the collectors and the connection that the settings ask for. A stop at any point loses nothing: what is
    spooled is sent at the next start, and each period begins where the one before it ended.
    """
    moments = Moments(clock, monotonic, boot_id())
    with (
        _closing(_collectors_for(settings, moments.boot_id) if collectors is None else collectors) as opened,
        Spool.open(settings.spool_path, settings.node_id, moments.now().end_us, settings.spool_bytes_max) as spool,
    ):
        configured = Configured(spool, settings.node_id, settings.trusts_found, settings.owner)
        metering = Metering(settings.node_id, opened, spool, configured.owner_of)
        sender = Sender(
            spool,
            usage_subject(settings.node_id),
            settings.key_seed,
            Pace(settings.batches_per_second, max(BATCHES_AT_ONCE, settings.batches_per_second)),
            monotonic,
        )
        checks = LocalChecks(LocalThresholds(settings.node_id), Hook(settings.hook))
        give_back = trimmer()

        def after_tick(done: Round) -> None:
            sender.wake()
            checks.after_tick(done.events, configured.now, done.tick.end_us)
            give_back()

        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(checks.hook.run())
            tasks.create_task(_meter(metering, Teller(spool), moments, settings.interval_seconds, after_tick))
            tasks.create_task(
                _connected(opening or _queue_of(settings), sender, configured, moments, settings.interval_seconds)
            )


async def _meter(
    metering: Metering, teller: Teller, moments: Moments, interval_seconds: int, after_tick: Callable[[Round], None]
) -> None:
    begun = moments.now()
    teller.tell(metering.begin, begun)
    last_us = begun.end_us
    while True:
        await asyncio.sleep(moments.seconds_to_next(interval_seconds))
        tick = moments.last_of_grid(interval_seconds)
        # A timer that wakes a moment early finds the tick before: nothing has happened since.
        if tick.end_us != last_us:
            done = teller.tell(metering.tick, tick)
            if done is not None:
                after_tick(done)
            last_us = tick.end_us


async def _connected(
    opening: AbstractAsyncContextManager[QueueClient],
    sender: Sender,
    configured: Configured,
    moments: Moments,
    interval_seconds: int,
) -> None:
    """Send, and ask for the configuration before each tick, once the queue is there."""
    warning = sender.expect_queue()
    try:
        async with opening as queue, asyncio.TaskGroup() as tasks:
            warning.cancel()
            tasks.create_task(sender.send_for_ever(queue))
            tasks.create_task(_ask(configured, queue, moments, interval_seconds))
    finally:
        warning.cancel()


async def _ask(configured: Configured, queue: QueueClient, moments: Moments, interval_seconds: int) -> None:
    ahead_seconds = min(ASKING_SECONDS_MAX, interval_seconds / 2)
    while True:
        await configured.ask(queue, ahead_seconds)
        await asyncio.sleep(moments.seconds_to_next(interval_seconds, ahead_seconds))


def _queue_of(settings: AgentSettings) -> AbstractAsyncContextManager[QueueClient]:
    return QueueClient.open(
        settings.queue_url,
        user=settings.queue_user,
        password=settings.queue_password,
        nkey_seed=settings.key_seed if settings.queue_user is None else None,
        inbox_prefix=settings.queue_inbox_prefix,
        name=f"agent {settings.node_id}",
    )


@contextmanager
def _closing(collectors: Sequence[Collector]) -> Iterator[Sequence[Collector]]:
    try:
        yield collectors
    finally:
        for collector in collectors:
            collector.close()


def _collectors_for(settings: AgentSettings, boot: str) -> list[Collector]:
    return collectors_for(
        boot,
        host=settings.host,
        cgroups=settings.cgroups,
        containers=settings.containers,
        volumes=settings.volumes,
        qemu=settings.qemu,
        libvirt=settings.libvirt,
        gpus=settings.gpus,
    )
