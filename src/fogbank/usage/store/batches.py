# ruff: noqa: S608 - what goes into the SQL is our own words and integers
"""Batches: what came into which window with which messages, beside what is stored of it."""

from collections.abc import Collection, Iterable

from fogbank.usage.mending.model import Run
from fogbank.usage.model import WINDOW_US
from fogbank.usage.store.engine import Engine

OF_WINDOWS = """
    SELECT start_us, first_sequence, last_sequence, argMax(events, revision), argMax(superseded, revision)
    FROM ingested_batches
    WHERE start_us IN {starts:Array(Int64)}
    GROUP BY start_us, first_sequence, last_sequence
"""

COUNTED = """
    SELECT start_us, sum(events) FROM account_windows FINAL WHERE start_us IN {starts:Array(Int64)} GROUP BY start_us
"""

WINNERS = f"""
    SELECT stream_sequence, count() FROM usage_events FINAL
    WHERE intDiv(period_start_us, {WINDOW_US}) = intDiv({{start_us:Int64}}, {WINDOW_US})
    GROUP BY stream_sequence
"""

RECENT_WINDOWS = """
    SELECT DISTINCT start_us FROM ingested_batches
    WHERE at >= (SELECT max(at) FROM ingested_batches) - toIntervalSecond({seconds:UInt32})
"""


async def write(engine: Engine, runs: Iterable[Run], revision: int) -> None:
    """Write the runs, on disk when this returns; the highest revision of each counts, and ingestion's own is 0."""
    values = ", ".join(
        f"({run.start_us:d}, {run.first_sequence:d}, {run.last_sequence:d}, {run.events:d}, {run.superseded:d}, "
        f"{revision:d})"
        for run in runs
    )
    if values:
        columns = "start_us, first_sequence, last_sequence, events, superseded, revision"
        await engine.command(f"INSERT INTO ingested_batches ({columns}) VALUES {values}")


async def of_windows(engine: Engine, starts_us: Collection[int]) -> dict[int, list[Run]]:
    """The runs that came into each of these windows."""
    found: dict[int, list[Run]] = {start_us: [] for start_us in starts_us}
    for row in await engine.rows(OF_WINDOWS, {"starts": list(starts_us)}):
        found[row[0]].append(Run(*row))
    return found


async def counted(engine: Engine, starts_us: Collection[int]) -> dict[int, int]:
    """How many readings each of these windows is rolled up from; none for one that is not."""
    rows = await engine.rows(COUNTED, {"starts": list(starts_us)})
    return {int(row[0]): int(row[1]) for row in rows}


async def winners(engine: Engine, start_us: int) -> list[tuple[int, int]]:
    """How many readings of the window are stored from each message, by its place in the queue."""
    return [(sequence, count) for sequence, count in await engine.rows(WINNERS, {"start_us": start_us})]


async def recent_windows(engine: Engine, seconds: int) -> set[int]:
    """The windows that batches came into in the last so many seconds before the newest batch."""
    return {start_us for (start_us,) in await engine.rows(RECENT_WINDOWS, {"seconds": seconds})}
