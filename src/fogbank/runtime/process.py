"""Child processes: started in a session of their own, logged to a file, known by a pid file, ended politely.

A child must not outlive its supervisor. Where `setpriv` is at hand (any Linux), the kernel signals the child when its
parent dies; everywhere, the pid file lets the next start find the child and end it. A pid file holds the pid and the
command line, so that a pid that was given to some other program since is never mistaken for ours.
"""

import asyncio
import json
import os
import shutil
import signal
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

LOG_BYTES_MAX = 16 * 1024 * 1024
LOG_TAIL_BYTES = 64 * 1024
KILL_PATIENCE_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Command:
    """What to run: its name for people, its arguments, and where its output and its pid go.

    `user` and `group` are numeric ids to run as, where we are root. `death_signal` is what the child gets when we die.
    `inherited` are open file descriptors that it keeps under their numbers.
    """

    name: str
    arguments: Sequence[str]
    log_path: Path
    pid_path: Path
    environment: Mapping[str, str] | None = None
    user: int | None = None
    group: int | None = None
    death_signal: signal.Signals = signal.SIGTERM
    stop_signal: signal.Signals = signal.SIGTERM
    stop_patience_seconds: float = 20.0
    inherited: Sequence[int] = ()


@dataclass(slots=True)
class Process:
    """A running child."""

    command: Command
    handle: asyncio.subprocess.Process
    log_offset: int = field(default=0)

    @property
    def pid(self) -> int:
        return self.handle.pid

    @property
    def is_running(self) -> bool:
        return self.handle.returncode is None

    async def wait(self) -> int:
        """Wait until it ends; its exit code, or minus the signal that killed it."""
        return await self.handle.wait()

    async def stop(self) -> int:
        """Ask it to end, wait its patience, then kill it. Safe to call when it has ended already."""
        if self.is_running:
            self.handle.send_signal(self.command.stop_signal)
            try:
                # Not `wait_for`, which before Python 3.12 forgets a cancellation that comes with the end.
                async with asyncio.timeout(self.command.stop_patience_seconds):
                    await self.handle.wait()
            except TimeoutError:
                self.handle.kill()
        code = await self.handle.wait()
        self.command.pid_path.unlink(missing_ok=True)
        return code

    def kill(self) -> None:
        """End it now, whatever it is doing."""
        if self.is_running:
            self.handle.kill()

    def log_since_start(self) -> str:
        """What it wrote since this start; of much, the last part."""
        with self.command.log_path.open("rb") as log:
            size = log.seek(0, 2)
            since_start = self.log_offset if self.log_offset <= size else 0  # it was trimmed meanwhile
            log.seek(max(since_start, size - LOG_TAIL_BYTES))
            return log.read().decode(errors="replace")


async def launch(command: Command) -> Process:
    """Start `command`; its pid file is written before this returns."""
    command.log_path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    trim_log(command.log_path)
    with command.log_path.open("ab") as log:
        log_offset = log.tell()
        handle = await asyncio.create_subprocess_exec(
            *_tied_to_us(command.death_signal),
            *command.arguments,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd="/",
            env=command.environment,
            start_new_session=True,
            pass_fds=command.inherited,
            **_identity(command),
        )
    _write_pid(command, handle.pid)
    return Process(command, handle, log_offset)


async def end_left_over(pid_path: Path, patience_seconds: float = KILL_PATIENCE_SECONDS) -> bool:
    """End the child that an earlier, killed supervisor left behind; whether there was one.

    Only a process that still runs the recorded command line is ours.
    """
    return await asyncio.to_thread(_end_left_over, pid_path, patience_seconds)


def left_over(pid_path: Path) -> psutil.Process | None:
    """The living process that `pid_path` names, if it is really ours."""
    try:
        record = json.loads(pid_path.read_text())
        pid, arguments = int(record["pid"]), list(record["arguments"])
        process = psutil.Process(pid)
        # At its very beginning a process still has `setpriv …` before its own arguments.
        is_ours = bool(arguments) and process.cmdline()[-len(arguments) :] == arguments
        is_ours = is_ours and process.status() != psutil.STATUS_ZOMBIE
    except (OSError, ValueError, KeyError, TypeError, psutil.Error):
        return None
    return process if is_ours else None


def _end_left_over(pid_path: Path, patience_seconds: float) -> bool:
    process = left_over(pid_path)
    if process is not None:
        _end(process, patience_seconds)
    pid_path.unlink(missing_ok=True)
    return process is not None


def _end(process: psutil.Process, patience_seconds: float) -> None:
    # SIGINT is a prompt, clean end for PostgreSQL, NATS and Python alike; SIGTERM lets PostgreSQL wait for its clients.
    for number in (signal.SIGINT, signal.SIGKILL):
        try:
            process.send_signal(number)
            process.wait(patience_seconds)
        except psutil.NoSuchProcess:
            return
        except psutil.TimeoutExpired:
            continue
        else:
            return


def _tied_to_us(death_signal: signal.Signals) -> list[str]:
    setpriv = shutil.which("setpriv") if sys.platform == "linux" else None
    return [setpriv, "--pdeathsig", death_signal.name.removeprefix("SIG"), "--"] if setpriv else []


def _identity(command: Command) -> dict[str, Any]:
    if command.user is None:
        return {}
    return {"user": command.user, "group": command.group, "extra_groups": []}


def _write_pid(command: Command, pid: int) -> None:
    command.pid_path.parent.mkdir(parents=True, exist_ok=True)
    fresh = command.pid_path.with_suffix(".new")
    fresh.write_text(json.dumps({"pid": pid, "arguments": list(command.arguments)}))
    fresh.replace(command.pid_path)


def trim_log(log_path: Path, bytes_max: int = LOG_BYTES_MAX) -> None:
    """Put a log that has grown too large aside, in place of the one before, and let its writer go on in an empty one.

    By copying, since the writer has the file open; it appends, so it goes on at the new beginning. What it writes in
    that instant is lost.
    """
    if log_path.exists() and log_path.stat().st_size > bytes_max:
        shutil.copyfile(log_path, log_path.with_suffix(".log.1"))
        os.truncate(log_path, 0)
