"""Backfill: every valid line of a file is billed once, whatever breaks off and is repeated; the others are named."""

import asyncio
import sys
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
from tests.integration.mending.conftest import MendingWorld
from tests.integration.mending.test_corrections import total
from tests.integration.usage.conftest import MARCH, reading

from fogbank.kernel.periods import microseconds_of
from fogbank.queue.client import QueueClient
from fogbank.runtime.clock import monotonic_seconds
from fogbank.usage.mending.backfill.sending import Backfill, Sent, rejected_path

SCRIPT = Path(__file__).with_name("backfilling.py")
LATER_US = microseconds_of(MARCH + timedelta(days=1))
STEP = timedelta(seconds=30)


def written(path: Path, events: list[Any]) -> Path:
    path.write_bytes(b"\n".join(each if isinstance(each, bytes) else msgspec.json.encode(each) for each in events))
    return path


async def sent(queue: QueueClient | None, path: Path, directory: Path) -> Sent:
    progress: list[float] = []
    outcome = await Backfill(queue, "history", directory, LATER_US, monotonic_seconds, progress.append).send(path)
    assert progress == sorted(progress)
    return outcome


def confirmed_in(directory: Path) -> int:
    """How many batches the journals there say are confirmed."""
    return sum(journal.read_text().count("\n") for journal in directory.glob("*-history"))


async def test_a_file_is_billed_once_however_often_it_is_sent(world: MendingWorld, tmp_path: Path) -> None:
    events = [reading("b-1", MARCH + number * STEP, org_id="b-1") for number in range(2_500)]
    path = written(tmp_path / "b-1.ndjson", events)
    first = await sent(world.queue, path, tmp_path)
    assert (first.lines, first.accepted, first.sent, first.batches) == (2_500, 2_500, 2_500, 3)
    again = await sent(world.queue, path, tmp_path)
    assert (again.accepted, again.sent) == (2_500, 0)
    # Without its journal it is sent anew, and counted once all the same.
    anew = await sent(world.queue, path, tmp_path / "other")
    assert anew.sent == 2_500
    await world.settled()
    await total(world, "b-1", instance_seconds=str(2_500 * 30))
    assert not rejected_path(path).exists()
    assert (await world.mending.reading("b-1", MARCH)).node_id == "history"


async def test_what_is_not_valid_is_written_beside_with_line_field_and_reason(
    world: MendingWorld, tmp_path: Path
) -> None:
    lines = [
        reading("b-2", MARCH, org_id="b-2"),
        b"",
        b"{not json",
        reading("b-2", MARCH + STEP, org_id="b-2", metrics={"cpu_seconds": -1}),
        b"[1, 2]",
        reading("b-2", MARCH + timedelta(days=3)),
        reading("b-2", MARCH + 2 * STEP, org_id="b-2"),
    ]
    path = written(tmp_path / "b-2.ndjson", lines)
    outcome = await sent(world.queue, path, tmp_path)
    assert (outcome.lines, outcome.accepted, outcome.rejected) == (6, 2, 4)
    rejected = [msgspec.json.decode(line) for line in rejected_path(path).read_bytes().splitlines()]
    assert [(each["line"], each["field"]) for each in rejected] == [
        (3, "(event)"),
        (4, "metrics.cpu_seconds"),
        (5, "(event)"),
        (6, "period.end"),
    ]
    assert rejected[0]["event"] == "{not json"
    assert "five minutes in the future" in rejected[3]["reason"]
    await total(world, "b-2", instance_seconds="60")


async def test_a_dry_run_judges_and_sends_nothing(world: MendingWorld, tmp_path: Path) -> None:
    path = written(tmp_path / "b-3.ndjson", [reading("b-3", MARCH), b"{"])
    before = (await world.queue.connection.jetstream().stream_info("USAGE")).state.last_seq
    outcome = await sent(None, path, tmp_path / "journals")
    assert (outcome.accepted, outcome.rejected, outcome.sent) == (1, 1, 0)
    assert (await world.queue.connection.jetstream().stream_info("USAGE")).state.last_seq == before
    assert not (tmp_path / "journals").exists()


async def test_a_killed_run_goes_on_where_it_was_and_nothing_is_counted_twice(
    world: MendingWorld, tmp_path: Path
) -> None:
    instances, periods = 100, 600
    events = [
        reading(f"b-4-{number}", MARCH + period * STEP, org_id="b-4")
        for period in range(periods)
        for number in range(instances)
    ]
    path = written(tmp_path / "b-4.ndjson", events)
    server = world.server
    victim = await asyncio.create_subprocess_exec(
        sys.executable, str(SCRIPT), server.url, server.user, server.password, str(path), str(tmp_path)
    )
    while victim.returncode is None and confirmed_in(tmp_path) < 5:  # noqa: ASYNC110 - a file does not tell
        await asyncio.sleep(0)
    with suppress(ProcessLookupError):
        victim.kill()
    await victim.wait()
    outcome = await sent(world.queue, path, tmp_path)
    assert outcome.sent < outcome.accepted == instances * periods
    await total(world, "b-4", instance_seconds=str(instances * periods * 30))
