"""The operator's program at a node: run with the facts, bounded in time and number, and never in a tick's way."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest
from structlog.testing import capture_logs

from fogbank.compute.agent.hooks import RUNS_AT_ONCE, Hook, run_program


def program(directory: Path, text: str) -> Path:
    path = directory / "hook"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


@asynccontextmanager
async def at_work(hook: Hook) -> AsyncIterator[asyncio.Task[None]]:
    """The hook, running; when this ends, what it started has ended too."""
    running = asyncio.create_task(hook.run())
    yield running
    running.cancel()
    await asyncio.wait([running])


def facts(instance_id: str, kind: str = "threshold.violated") -> dict[str, str]:
    return {"type": kind, "threshold_id": "full", "instance_id": instance_id}


def documents(path: Path) -> list[dict[str, str]]:
    """The documents in a file, one a line."""
    lines = path.read_text().splitlines() if path.exists() else []
    return [msgspec.json.decode(line, type=dict[str, str]) for line in lines]


async def until(path: Path, count: int) -> list[dict[str, str]]:
    """The documents in a file once there are so many."""
    while len(documents(path)) < count:  # noqa: ASYNC110 - a file does not tell
        await asyncio.sleep(0.01)
    return documents(path)


async def test_the_program_gets_the_facts_as_json_on_its_standard_input(tmp_path: Path) -> None:
    got = tmp_path / "got"
    hook = Hook(program(tmp_path, f"echo $(cat) >> {got}"))
    async with at_work(hook):
        hook.tell([facts("vm-1")])
        assert await until(got, 1) == [facts("vm-1")]


async def test_of_one_instance_only_what_holds_last_waits_and_never_two_run_at_once(tmp_path: Path) -> None:
    got, gate = tmp_path / "got", tmp_path / "gate"
    os.mkfifo(gate)
    hook = Hook(program(tmp_path, f"echo $(cat) >> {got}; read line < {gate}"))
    async with at_work(hook):
        hook.tell([facts("vm-1")])
        await until(got, 1)
        for kind in ("threshold.cleared", "threshold.violated", "threshold.cleared"):
            hook.tell([facts("vm-1", kind)])
        await asyncio.to_thread(gate.write_text, "go\n")
        seen = await until(got, 2)
        assert [each["type"] for each in seen] == ["threshold.violated", "threshold.cleared"]


async def test_no_more_than_a_few_run_at_once_and_all_have_their_turn(tmp_path: Path) -> None:
    got, gate = tmp_path / "got", tmp_path / "gate"
    os.mkfifo(gate)
    hook = Hook(program(tmp_path, f"echo $(cat) >> {got}; read line < {gate}"))
    async with at_work(hook):
        hook.tell([facts(f"vm-{number}") for number in range(RUNS_AT_ONCE + 1)])
        assert len(await until(got, RUNS_AT_ONCE)) == RUNS_AT_ONCE
        await asyncio.to_thread(gate.write_text, "go\n")
        assert len(await until(got, RUNS_AT_ONCE + 1)) == RUNS_AT_ONCE + 1


async def test_a_program_that_hangs_is_ended_with_all_that_it_started(tmp_path: Path) -> None:
    left = tmp_path / "left"
    hangs = program(tmp_path, f"sleep 1000 & echo $! > {left}; wait")
    seconds = 0.3
    while True:
        assert (
            await run_program(str(hangs), b"{}", seconds) == f"it did not end within {seconds:g} seconds, and was ended"
        )
        if left.exists() and left.read_text():
            break
        seconds *= 2  # on a busy machine it was ended before it had started anything
    started = int(left.read_text())
    while is_alive(started):  # noqa: ASYNC110 - a process that is nobody's child does not tell
        await asyncio.sleep(0.01)


@pytest.mark.parametrize(
    ("text", "says"),
    [("exit 3", "it ended with 3"), ("kill -9 $$", f"it ended with {-signal.SIGKILL}"), ("exit 0", None)],
)
async def test_how_it_ended_is_said(tmp_path: Path, text: str, says: str | None) -> None:
    assert await run_program(str(program(tmp_path, text)), b"{}" * 100_000, 60) == says


async def test_a_program_that_is_not_there_is_said_and_nothing_else_happens(tmp_path: Path) -> None:
    hook = Hook(tmp_path / "nothing")
    with capture_logs() as logs:
        async with at_work(hook) as running:
            hook.tell([facts("vm-1"), facts("vm-2")])
            while len([each for each in logs if each["event"] == "hook_failed"]) < 2:  # noqa: ASYNC110 - nor does a log
                await asyncio.sleep(0.01)
            assert not running.done()
    failed = next(each for each in logs if each["event"] == "hook_failed")
    assert failed["reason"] == "it cannot be started: No such file or directory"
    assert failed["instance_id"] == "vm-1"


async def test_without_a_program_what_happened_is_in_the_log() -> None:
    with capture_logs() as logs:
        Hook(None).tell([facts("vm-1")])
    assert [each["event"] for each in logs] == ["threshold_crossed"]


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that only waits to be buried does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0] != "Z"
    except FileNotFoundError:
        return False
