"""`fogbank simulate`: a fleet's readings, or recorded ones, through the running system's queue."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from fogbank.cli.failures import Refused
from fogbank.cli.options import DataOption, JsonOption, settings_of_running
from fogbank.cli.terminal import MISUSED, out, print_json, progress_bar
from fogbank.kernel.periods import instant_of, microseconds_of
from fogbank.queue.client import QueueClient
from fogbank.runtime.clock import monotonic_seconds, now_utc
from fogbank.runtime.settings import QueueSettings
from fogbank.simulate.fleet import Fleet
from fogbank.simulate.model import Source
from fogbank.simulate.player import Played, Player, as_fast_as_it_goes, real_time
from fogbank.simulate.schedule import Schedule, on_grid
from fogbank.simulate.trace import STEP_SECONDS, Trace, TraceUnreadable, read_trace

INSTANCES_MAX = 1_000_000
INSTANCES_PER_NODE = 250
INSTANCES_PER_ORGANIZATION = 20
DEFAULT_HOURS = 1.0
TRACE_HOURS = 24.0
TRACE_NODES = 4
TRACE_ORGANIZATIONS = 12
PERIOD_SECONDS_MAX = 3600
SECONDS_PER_HOUR = 3600

app = typer.Typer(add_completion=False)


class Speed(StrEnum):
    """How fast readings are sent."""

    REAL = "real"
    MAX = "max"


@dataclass(frozen=True, slots=True)
class Wish:
    """What was asked for: how long in hours or events, in which periods, how fast, and from when."""

    hours: float | None
    events: int | None
    period_seconds: int
    speed: Speed
    starts_us: int | None


@app.command(help="Send a fleet's readings, or a recorded trace, through the real queue.")
def simulate(
    *,
    instances: Annotated[int, typer.Option(help="How many instances the fleet has.", min=1, max=INSTANCES_MAX)] = 1_000,
    nodes: Annotated[int | None, typer.Option(help="On how many nodes. Default: one per 250 instances.", min=1)] = None,
    organizations: Annotated[
        int | None, typer.Option(help="Owned by how many organisations. Default: one per 20 instances.", min=1)
    ] = None,
    hours: Annotated[float | None, typer.Option(help="How many hours to play. Default: 1, a trace's 24.")] = None,
    events: Annotated[
        int | None, typer.Option(help="Or how many events, filled up to whole periods.", min=1, show_default=False)
    ] = None,
    interval: Annotated[
        int, typer.Option(help="How many seconds one reading lasts.", min=1, max=PERIOD_SECONDS_MAX)
    ] = 30,
    speed: Annotated[
        Speed, typer.Option(help="`max`: the past, at once. `real`: from now on, as it happens.")
    ] = Speed.MAX,
    start: Annotated[
        str | None,
        typer.Option("--from", help="When it begins, as 2026-11-20 or 2026-11-20T06:00. Default: so that it ends now."),
    ] = None,
    trace: Annotated[
        Path | None,
        typer.Option(help="Play this recorded trace (CSV) instead of a fleet.", exists=True, dir_okay=False),
    ] = None,
    seed: Annotated[int, typer.Option(help="Another seed is another fleet.", min=0)] = 1,
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    wish = Wish(hours, events, interval, speed, _instant_us(start))
    source: Trace | Fleet = (
        _fleet(instances, nodes, organizations, seed)
        if trace is None
        else _trace(trace, interval, nodes or TRACE_NODES, organizations or TRACE_ORGANIZATIONS)
    )
    schedule = _schedule(wish, len(source.instances), DEFAULT_HOURS if trace is None else TRACE_HOURS)
    loaded, _ = settings_of_running(data)
    events_expected = schedule.periods * len(source.instances)
    summary = asyncio.run(_play(loaded.settings.queue, source, schedule, speed, events_expected))
    if json:
        print_json(summary)
    else:
        _tell(summary)


async def _play(
    queue_settings: QueueSettings, source: Source, schedule: Schedule, speed: Speed, events_expected: int
) -> dict[str, Any]:
    pace = as_fast_as_it_goes if speed is Speed.MAX else real_time(now_utc)
    began = monotonic_seconds()
    async with open_queue(queue_settings) as queue:
        with progress_bar("Sending readings", events_expected, "events") as bar:
            played = await Player(queue, monotonic_seconds, bar.advance).play(source, schedule, pace)
    return _summary(played, schedule, monotonic_seconds() - began)


@asynccontextmanager
async def open_queue(settings: QueueSettings) -> AsyncIterator[QueueClient]:
    """The queue that the settings name."""
    user, password = settings.user or None, settings.password or None
    async with QueueClient.open(settings.url, user=user, password=password, name="simulate") as queue:
        yield queue


def _fleet(instances: int, nodes: int | None, organizations: int | None, seed: int) -> Fleet:
    nodes = nodes or -(-instances // INSTANCES_PER_NODE)
    return Fleet(instances, nodes, organizations or -(-instances // INSTANCES_PER_ORGANIZATION), seed)


def _trace(path: Path, period_seconds: int, nodes: int, organizations: int) -> Trace:
    if STEP_SECONDS % period_seconds:
        raise Refused(f"--interval is {period_seconds} and must divide a trace's {STEP_SECONDS} seconds.", MISUSED)
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
        return read_trace(lines, nodes=nodes, organizations=organizations)
    except TraceUnreadable as error:
        raise Refused(f"{path} is not a trace: {error}.", MISUSED) from None


def _schedule(wish: Wish, instances: int, default_hours: float) -> Schedule:
    if wish.hours is not None and wish.events is not None:
        raise Refused("Give --hours or --events, not both.", MISUSED)
    if wish.hours is not None and not wish.hours > 0:
        raise Refused(f"--hours is {wish.hours:g} and must be more than zero.", MISUSED)
    hours = default_hours if wish.hours is None else wish.hours
    periods = -(-wish.events // instances) if wish.events else round(hours * SECONDS_PER_HOUR / wish.period_seconds)
    now_us = microseconds_of(now_utc())
    return _placed(wish, max(periods, 1), now_us)


def _placed(wish: Wish, periods: int, now_us: int) -> Schedule:
    seconds = wish.period_seconds
    if wish.starts_us is not None:
        schedule = Schedule(on_grid(wish.starts_us, seconds), seconds, periods)
    elif wish.speed is Speed.REAL:
        schedule = Schedule(on_grid(now_us, seconds), seconds, periods)
    else:
        schedule = Schedule.ending_by(now_us, seconds, periods)
    if wish.speed is Speed.MAX and schedule.ends_us > now_us:
        raise Refused("Only the past can be sent at once; begin earlier, send less, or take --speed real.", MISUSED)
    return schedule


def _instant_us(text: str | None) -> int | None:
    if text is None:
        return None
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise Refused(
            f"--from is '{text}' and must be a day or an instant, such as 2026-11-20T06:00.", MISUSED
        ) from None
    return microseconds_of(instant if instant.tzinfo else instant.replace(tzinfo=UTC))


def _summary(played: Played, schedule: Schedule, seconds: float) -> dict[str, Any]:
    return {
        "events": played.events,
        "batches": played.batches,
        "payload_bytes": played.payload_bytes,
        "retries": played.retries,
        "from": instant_of(schedule.starts_us),
        "to": instant_of(schedule.ends_us),
        "seconds": round(seconds, 3),
        "events_per_second": round(played.events / seconds) if seconds else None,
    }


def _tell(summary: dict[str, Any]) -> None:
    out.print(
        f"[good]✓[/] [name]{summary['events']:,}[/] events in {summary['batches']:,} batches "
        f"[quiet]({summary['payload_bytes'] / 1e6:.1f} MB)[/] in {summary['seconds']:.1f} s: "
        f"[name]{summary['events_per_second']:,}[/] a second"
    )
    out.print(f"[quiet]  {summary['from']:%Y-%m-%d %H:%M:%S} to {summary['to']:%Y-%m-%d %H:%M:%S} UTC, all on disk[/]")
