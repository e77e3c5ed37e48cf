"""kill -9 of any child, at any moment, under load: nothing is lost or doubled, and the audit is equal again."""

import asyncio
import os
import random
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import msgspec
import psutil
import pytest

from fogbank.accounts.client import ServiceToken
from fogbank.runtime.client import ServiceHttp
from fogbank.runtime.clock import now_utc
from fogbank.runtime.embedded import temporary_directory
from fogbank.runtime.ports import free_port
from fogbank.runtime.process import left_over
from fogbank.runtime.secret_files import service_secret
from fogbank.runtime.supervisor.run_file import running_system
from fogbank.simulate.fleet import Fleet
from fogbank.usage.client import UsageClient

CHILDREN = ("postgres", "nats", "usage", "services", "agent")
PATIENCE_SECONDS = 150
AT_WORK_SHARE = 0.8
AUDIT_SECONDS = "120"
INSTANCES, NODES, ORGANIZATIONS, SEED = 400, 16, 5, 1
EVENTS = 240_000
PERIOD_SECONDS = 30
ROUNDS = 2
"""How often each child is killed; usage, which has the most to lose, three times as often."""


def environment() -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("FOGBANK_")}
    return {**inherited, "FOGBANK_BILLING_INTERVAL_SECONDS": "3"}


async def started(*arguments: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "fogbank", *arguments),
        env=environment(),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def finished(process: asyncio.subprocess.Process) -> dict[str, Any]:
    """The JSON document that a command prints; its own words where it fails."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        out, err = await process.communicate()
    assert out, err.decode()
    document: dict[str, Any] = msgspec.json.decode(out)
    return document


@asynccontextmanager
async def running_up(data_dir: Path) -> AsyncIterator[None]:
    up = await started("up", "--data", str(data_dir), "--port", str(free_port()), "--interval", "2", "--json")
    assert up.stdout is not None
    assert up.stderr is not None
    listening = asyncio.create_task(up.stderr.read())
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            assert await up.stdout.readline(), (await listening).decode()
        yield
    finally:
        if up.returncode is None:
            up.send_signal(signal.SIGTERM)
        await up.wait()
        await listening


async def kill(data_dir: Path, child: str) -> None:
    """Kill the child as it runs now, be it just starting; one that is not there again yet is waited for."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while (process := left_over(data_dir / "run" / f"{child}.pid")) is None:  # noqa: ASYNC110 - of another process
            await asyncio.sleep(0.05)
    try:
        process.send_signal(signal.SIGKILL)
    except psutil.NoSuchProcess:
        return


async def at_work(data_dir: Path) -> None:
    """Wait until usage answers. While it starts, its port is held for it, and the question waits."""
    run = running_system(data_dir)
    assert run is not None
    async with httpx.AsyncClient(base_url=run.usage_url, timeout=PATIENCE_SECONDS) as http:
        with suppress(httpx.TransportError):
            await http.get("/health")


async def fleet_seconds_stored(data_dir: Path) -> Decimal:
    """How many instance-seconds the usage store holds of the fleet: exactly its events times their length."""
    run = running_system(data_dir)
    assert run is not None
    payers = {instance.org_id or instance.user_id for instance in fleet().instances}
    async with (
        httpx.AsyncClient(base_url=run.url) as services,
        httpx.AsyncClient(base_url=run.usage_url, timeout=PATIENCE_SECONDS) as usage,
    ):
        token = ServiceToken(services, "audit", service_secret(data_dir / "secrets", "audit"), now_utc)
        figures = await UsageClient(ServiceHttp(usage, token)).figures()
    return sum(
        (Decimal(each.hours["instance_seconds"]) for each in figures.accounts if each.account_id in payers), Decimal(0)
    )


def fleet() -> Fleet:
    return Fleet(INSTANCES, NODES, ORGANIZATIONS, SEED)


def simulate(data_dir: Path) -> tuple[str, ...]:
    shape = ("--instances", INSTANCES, "--nodes", NODES, "--organizations", ORGANIZATIONS, "--seed", SEED)
    return ("simulate", *map(str, shape), "--events", str(EVENTS), "--data", str(data_dir), "--json")


def victims(dice: random.Random) -> list[str]:
    return [child for _ in range(ROUNDS) for child in dice.sample((*CHILDREN, "usage", "usage"), len(CHILDREN) + 2)]


@pytest.mark.parametrize("seed", [1])
async def test_killing_every_child_under_load_loses_nothing_and_doubles_nothing(seed: int) -> None:
    dice = random.Random(seed)
    with temporary_directory() as data_dir:
        async with running_up(data_dir):
            sending = await started(*simulate(data_dir))
            for child in victims(dice):
                # Kills at moments that nothing is in step with are the point: in the middle of a start, of a batch.
                if child == "usage" and dice.random() < AT_WORK_SHARE:
                    await at_work(data_dir)
                await asyncio.sleep(dice.uniform(0.1, 0.8))
                await kill(data_dir, child)
            sent = await finished(sending)
            audit = await finished(await started("audit", "--data", str(data_dir), "--wait", AUDIT_SECONDS, "--json"))
            stored_seconds = await fleet_seconds_stored(data_dir)
    assert sent["events"] == EVENTS
    assert [check for check in audit["checks"] if not check["ok"]] == []
    assert stored_seconds == EVENTS * PERIOD_SECONDS
