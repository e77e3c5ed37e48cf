"""A system is saved under load and restored elsewhere: the audit is equal, and nothing accepted before is lost."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import msgspec

from fogbank.accounts.client import ServiceToken
from fogbank.backup.lock import only_backup
from fogbank.cli.commands.simulate import open_queue
from fogbank.cli.options import settings_of_running
from fogbank.kernel.periods import microseconds_of
from fogbank.runtime.client import ServiceHttp
from fogbank.runtime.clock import monotonic_seconds, now_utc
from fogbank.runtime.embedded import temporary_directory
from fogbank.runtime.ports import free_port
from fogbank.runtime.secret_files import service_secret
from fogbank.runtime.supervisor.run_file import running_system
from fogbank.simulate.fleet import Fleet
from fogbank.simulate.player import Player
from fogbank.simulate.schedule import Schedule, on_grid
from fogbank.usage.client import UsageClient

PATIENCE_SECONDS = 150
INSTANCES, NODES, ORGANIZATIONS = 200, 8, 5
PERIOD_SECONDS = 30
BEFORE, MEANWHILE = 1, 2
"""Seeds of two fleets: one that is accepted before the backup begins, and one that never stops."""
EVENTS_BEFORE = 20_000
LOAD_BEGINS_US = on_grid(microseconds_of(now_utc() - timedelta(days=8)), PERIOD_SECONDS)
LOAD_PERIODS_MAX = 20_000
PAUSE_SECONDS = 0.02
"""Between two periods of the fleet that never stops: up to 10,000 readings a second."""


def environment() -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("FOGBANK_")}
    return {**inherited, "FOGBANK_BILLING_INTERVAL_SECONDS": "1"}


async def started(*arguments: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "fogbank", *arguments),
        env=environment(),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def fogbank(*arguments: str) -> tuple[int | None, str, str]:
    """A command's exit code, output and errors."""
    process = await started(*arguments)
    async with asyncio.timeout(PATIENCE_SECONDS):
        out, err = await process.communicate()
    return process.returncode, out.decode(), err.decode()


async def told(*arguments: str) -> dict[str, Any]:
    """The JSON document that a command prints, which must succeed."""
    code, out, err = await fogbank(*arguments, "--json")
    assert code == 0, out + err
    document: dict[str, Any] = msgspec.json.decode(out)
    return document


@dataclass
class Up:
    """A system that runs, and what it said when it was ready."""

    data: Path
    ready: dict[str, Any]
    process: asyncio.subprocess.Process

    async def kill(self) -> None:
        """End every process of it at once, as a power cut does."""
        for pid in [self.process.pid, *self.ready["pids"].values()]:
            os.kill(pid, signal.SIGKILL)
        await self.process.wait()

    async def signs_in(self, password: str) -> bool:
        async with httpx.AsyncClient(base_url=self.ready["url"], timeout=60) as http:
            body = {"email": self.ready["email"], "password": password}
            return (await http.post("/api/v1/auth/sessions", json=body)).status_code == 201

    async def events_of(self, seed: int) -> Decimal:
        """How many readings of a fleet are stored, by the instance-seconds of their hours, exactly."""
        run = running_system(self.data)
        assert run is not None
        payers = {instance.org_id or instance.user_id for instance in fleet(seed).instances}
        async with (
            httpx.AsyncClient(base_url=run.url) as services,
            httpx.AsyncClient(base_url=run.usage_url, timeout=PATIENCE_SECONDS) as usage,
        ):
            token = ServiceToken(services, "audit", service_secret(self.data / "secrets", "audit"), now_utc)
            figures = await UsageClient(ServiceHttp(usage, token)).figures()
        seconds = [Decimal(each.hours["instance_seconds"]) for each in figures.accounts if each.account_id in payers]
        return sum(seconds, Decimal(0)) / PERIOD_SECONDS


@asynccontextmanager
async def running_up(data: Path) -> AsyncIterator[Up]:
    process = await started("up", "--data", str(data), "--port", str(free_port()), "--interval", "2", "--json")
    assert process.stdout is not None
    assert process.stderr is not None
    listening = asyncio.create_task(process.stderr.read())
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            line = await process.stdout.readline()
        assert line, (await listening).decode()
        yield Up(data, msgspec.json.decode(line), process)
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        await process.wait()
        await listening


def fleet(seed: int) -> Fleet:
    return Fleet(INSTANCES, NODES, ORGANIZATIONS, seed)


def simulate(data: Path) -> tuple[str, ...]:
    shape = ("--instances", INSTANCES, "--nodes", NODES, "--organizations", ORGANIZATIONS, "--seed", BEFORE)
    return ("simulate", *map(str, shape), "--events", str(EVENTS_BEFORE), "--data", str(data))


@dataclass
class Load:
    """A fleet that never stops: how many of its periods were begun, and whether the queue has confirmed anything."""

    periods: int = 0
    confirmed: asyncio.Event = field(default_factory=asyncio.Event)

    async def play(self, data: Path, periods: int, pause_seconds: float) -> None:
        """Send the fleet's periods from its first one on."""

        async def pace(_: int) -> None:
            self.periods += 1
            await asyncio.sleep(pause_seconds)

        async with open_queue(settings_of_running(data)[0].settings.queue) as queue:
            player = Player(queue, monotonic_seconds, lambda _: self.confirmed.set())
            await player.play(fleet(MEANWHILE), Schedule(LOAD_BEGINS_US, PERIOD_SECONDS, periods), pace)


async def restored(archive: Path, data: Path) -> None:
    code, out, err = await fogbank("restore", str(archive), "--data", str(data))
    assert code == 0, out + err


async def audited(data: Path) -> None:
    report = await told("audit", "--data", str(data), "--wait", "120")
    assert [check for check in report["checks"] if not check["ok"]] == []


def secrets_of(data: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in (data / "secrets").iterdir()}


async def test_a_system_is_saved_under_load_and_killed_and_restored_elsewhere_with_an_equal_audit() -> None:
    with temporary_directory() as place:
        data, archive, again = place / "data", place / "a.backup", place / "again"
        async with running_up(data) as up:
            assert (await told(*simulate(data)))["events"] == EVENTS_BEFORE
            load = Load()
            sending = asyncio.create_task(load.play(data, LOAD_PERIODS_MAX, PAUSE_SECONDS))
            await load.confirmed.wait()
            saved = await told("backup", str(archive), "--data", str(data))
            load.confirmed.clear()
            await load.confirmed.wait()
            await up.kill()
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)
        assert archive.stat().st_mode & 0o777 == 0o600
        assert saved["manifest"]["left_out"] == []
        assert sorted(path.name for path in place.iterdir()) == ["a.backup", "data"]

        await restored(archive, again)
        assert secrets_of(again).items() <= secrets_of(data).items()
        async with running_up(again) as up_again:
            await audited(again)
            assert await up_again.events_of(BEFORE) == EVENTS_BEFORE
            assert await up_again.signs_in(up.ready["password"])
            assert not await up_again.signs_in("another password")
            # It is a system like any other: it goes on from there, also over what the old one had taken since.
            assert 0 < await up_again.events_of(MEANWHILE) < load.periods * INSTANCES
            await Load().play(again, load.periods, 0)
            await audited(again)
            assert await up_again.events_of(MEANWHILE) == load.periods * INSTANCES


async def test_a_killed_system_that_does_not_run_is_saved_and_restored_as_well() -> None:
    with temporary_directory() as place:
        data, archive, again = place / "data", place / "a.backup", place / "again"
        async with running_up(data) as up:
            await told(*simulate(data))
            await up.kill()
        saved = await told("backup", str(archive), "--data", str(data))
        assert saved["manifest"]["was_running"] is False
        await restored(archive, again)
        async with running_up(again) as up_again:
            await audited(again)
            assert await up_again.events_of(BEFORE) == EVENTS_BEFORE

            # Refusals, of which none changes anything.
            code, _, said = await fogbank("restore", str(archive), "--data", str(again))
            assert (code, "Fogbank is running in" in said) == (1, True), said
            code, _, said = await fogbank("backup", str(archive), "--data", str(again))
            assert (code, "never replaces one" in said) == (1, True), said
            code, _, said = await fogbank("backup", str(again / "b.backup"), "--data", str(again))
            assert (code, "lies in the data directory" in said) == (2, True), said
            with only_backup(again):
                code, _, said = await fogbank("backup", str(place / "b.backup"), "--data", str(again))
            assert (code, "Another backup of" in said) == (1, True), said
        code, _, said = await fogbank("restore", str(archive), "--data", str(data))
        assert (code, "is not empty" in said) == (1, True), said

        damaged = bytearray(archive.read_bytes())
        damaged[len(damaged) // 2] ^= 1
        archive.write_bytes(damaged)
        for command in (["restore", str(archive)], ["backup", "--verify", str(archive)]):
            code, _, said = await fogbank(*command, "--data", str(place / "third"))
            assert (code, "Nothing was written" in said) == (1, True), said
        assert sorted(path.name for path in place.iterdir()) == ["a.backup", "again", "data"]
