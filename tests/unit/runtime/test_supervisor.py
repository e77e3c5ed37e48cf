"""A supervisor starts in order, restarts what dies, waits longer for what keeps dying, and drains in the other order.

The children are real processes: a shell that says it is ready and then waits.
"""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fogbank.runtime.clock import monotonic_seconds
from fogbank.runtime.failures import ServerFailed
from fogbank.runtime.process import Command, Process, end_left_over, launch, left_over, trim_log
from fogbank.runtime.supervisor.supervisor import (
    BACKOFF_SECONDS_MAX,
    Happened,
    Supervisor,
    What,
    backoff_seconds,
    how_it_ended,
)


@dataclass
class Sleeper:
    """A child that does nothing but live."""

    name: str
    directory: Path
    starts_until_failure: int = 1000
    process: Process | None = field(default=None)

    async def start(self) -> Process:
        self.starts_until_failure -= 1
        if self.starts_until_failure < 0:
            raise ServerFailed(f"{self.name} did not start: it is tired.")
        self.process = await launch(self.command)
        return self.process

    async def stop(self) -> None:
        if self.process is not None:
            await self.process.stop()

    @property
    def command(self) -> Command:
        log, pid = self.directory / f"{self.name}.log", self.directory / f"{self.name}.pid"
        return Command(self.name, ["/bin/sleep", "600"], log, pid)


@dataclass
class Diary:
    """What was reported, and a way to wait for it."""

    entries: list[Happened] = field(default_factory=list)
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def write(self, happened: Happened) -> None:
        self.entries.append(happened)
        self.changed.set()

    async def until(self, child: str, what: What) -> Happened:
        while True:
            for entry in self.entries:
                if (entry.child, entry.what) == (child, what):
                    return entry
            self.changed.clear()
            await self.changed.wait()

    def order_of(self, what: What) -> list[str]:
        return [entry.child for entry in self.entries if entry.what is what]


@asynccontextmanager
async def supervised(*waves: list[Sleeper]) -> AsyncIterator[tuple[Supervisor, Diary]]:
    diary = Diary()
    supervisor = Supervisor(waves, diary.write, monotonic_seconds)
    try:
        yield supervisor, diary
    finally:
        await supervisor.drain()


async def test_waves_start_in_order_and_drain_in_the_other(tmp_path: Path) -> None:
    first, second, third = (Sleeper(name, tmp_path) for name in ("first", "second", "third"))
    async with supervised([first], [second], [third]) as (supervisor, diary):
        await supervisor.start()
        assert diary.order_of(What.READY) == ["first", "second", "third"]
    assert diary.order_of(What.STOPPED) == ["third", "second", "first"]
    assert [name for name in os.listdir(tmp_path) if name.endswith(".pid")] == []  # noqa: PTH208 - not blocking much


async def test_a_killed_child_is_restarted_and_said_so(tmp_path: Path) -> None:
    child = Sleeper("child", tmp_path)
    async with supervised([child]) as (supervisor, diary):
        await supervisor.start()
        before = supervisor.pids()["child"]
        os.kill(before, signal.SIGKILL)
        await diary.until("child", What.RESTARTED)
        assert supervisor.pids()["child"] != before
        assert (await diary.until("child", What.DIED)).detail == "killed by signal 9"


async def test_a_child_that_cannot_be_restarted_is_tried_again_and_the_reason_is_said(tmp_path: Path) -> None:
    child = Sleeper("child", tmp_path, starts_until_failure=1)
    async with supervised([child]) as (supervisor, diary):
        await supervisor.start()
        os.kill(supervisor.pids()["child"], signal.SIGKILL)
        assert (await diary.until("child", What.FAILED)).detail == "child did not start: it is tired."
        child.starts_until_failure = 1
        await diary.until("child", What.RESTARTED)


async def test_the_first_child_that_cannot_start_ends_the_start(tmp_path: Path) -> None:
    well, tired = Sleeper("well", tmp_path), Sleeper("tired", tmp_path, starts_until_failure=0)
    async with supervised([well], [tired]) as (supervisor, _):
        with pytest.raises(ServerFailed, match="tired did not start"):
            await supervisor.start()
    assert well.process is not None
    assert not well.process.is_running


async def test_what_a_killed_supervisor_left_behind_is_ended(tmp_path: Path) -> None:
    told = tmp_path / "told"
    os.mkfifo(told)
    tells_and_sleeps = "import pathlib, sys, time; pathlib.Path(sys.argv[1]).write_text('here'); time.sleep(600)"
    arguments = [sys.executable, "-c", tells_and_sleeps, str(told)]
    process = await launch(Command("child", arguments, tmp_path / "child.log", tmp_path / "child.pid"))
    assert await asyncio.to_thread(told.read_text) == "here"
    found = left_over(process.command.pid_path)
    assert found is not None
    assert found.pid == process.pid
    assert await end_left_over(process.command.pid_path)
    await process.wait()
    assert not await end_left_over(process.command.pid_path)


async def test_a_process_that_only_has_the_pid_of_ours_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "someone.pid"
    path.write_text(f'{{"pid": {os.getpid()}, "arguments": ["/bin/sleep", "600"]}}')
    assert left_over(path) is None
    assert not await end_left_over(path)
    assert not path.exists()


@pytest.mark.parametrize("content", ["", "12", "[]", '{"pid": "x"}', '{"pid": 1}', '{"pid": -1, "arguments": []}'])
def test_a_broken_pid_file_names_nobody(tmp_path: Path, content: str) -> None:
    path = tmp_path / "broken.pid"
    path.write_text(content)
    assert left_over(path) is None


@given(st.integers(1, 10_000))
def test_the_wait_before_a_restart_grows_up_to_a_bound(deaths: int) -> None:
    assert 0 < backoff_seconds(deaths) <= backoff_seconds(deaths + 1) <= BACKOFF_SECONDS_MAX


def test_a_log_that_grew_too_large_is_put_aside_and_its_writer_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "child.log"
    with path.open("a") as writer:
        writer.write("old" * 10)
        writer.flush()
        trim_log(path, bytes_max=100)
        assert path.stat().st_size == 30
        trim_log(path, bytes_max=10)
        writer.write("new")
    assert path.read_text() == "new"
    assert path.with_suffix(".log.1").read_text() == "old" * 10


def test_an_exit_is_told_with_the_last_words() -> None:
    assert how_it_ended(1, "fogbank: the disk is full.\n") == "exit code 1: the disk is full"
