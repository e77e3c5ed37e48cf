"""`fogbank demo`: a fresh system with a month of plausible customers, made by the real pipeline, and left running."""

import asyncio
import os
import secrets
import signal
import sys
from collections.abc import AsyncIterator, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import httpx
import msgspec
import typer
from rich.table import Table

from fogbank.accounts.client import AccountsClient, ServiceToken
from fogbank.accounts.ledger.client import LedgerClient
from fogbank.audit.model import Report
from fogbank.cli.commands.audit import auditor, show_report
from fogbank.cli.commands.simulate import open_queue
from fogbank.cli.failures import Refused
from fogbank.cli.options import DataOption, settings_of, settings_of_running
from fogbank.cli.system import instance_id_of
from fogbank.cli.terminal import err, out, progress_bar
from fogbank.queue.client import QueueClient
from fogbank.runtime.client import ServiceHttp
from fogbank.runtime.clock import monotonic_seconds, now_utc
from fogbank.runtime.secret_files import service_secret
from fogbank.runtime.settings import Settings
from fogbank.runtime.settings_sources import DEFAULT
from fogbank.simulate.demo.enrolling import Administrator, email_of, enrol_everybody, sign_in_administrator
from fogbank.simulate.demo.filling import Telling, events_in_past, tell_past, tell_present
from fogbank.simulate.demo.story import CUSTOMERS, HALDEN
from fogbank.simulate.fleet import Population
from fogbank.simulate.model import SimulatedInstance
from fogbank.simulate.player import Player

SIMULATOR = "simulate"
"""The name by which the demo signs in to accounts."""
CHARGING_SECONDS = 5
"""Charged more often than usual, so that a month is charged within seconds of its last reading."""
PATIENCE_SECONDS = 150.0
ANSWER_SECONDS = 60.0
PASSWORD_BYTES = 9
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

app = typer.Typer(add_completion=False)


@dataclass(frozen=True, slots=True)
class Up:
    """The `fogbank up` that the demo started: its process, and what it said when it was ready."""

    process: asyncio.subprocess.Process
    ready: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Told:
    """The story, told: how many readings it took, what the audit says, and how to sign in as somebody in it."""

    events: int
    report: Report
    password: str
    seconds: float


@app.command(help="Fill a fresh system with 30 days of plausible customers, and leave it running. Ctrl-C stops it.")
def demo(
    *,
    data: DataOption = None,
    port: Annotated[int | None, typer.Option(help="The port to listen on.")] = None,
) -> None:
    loaded = settings_of({"data": ("--data", data), "http.port": ("--port", port)})
    directory = loaded.settings.data
    if loaded.sources["data"] == DEFAULT:
        # Never among one's real data: a demo has a directory of its own.
        directory = directory.with_name(f"{directory.name}-demo")
    if directory.exists() and any(directory.iterdir()):
        raise Refused(
            f"{directory} is not empty, and a demo begins afresh; start what is there with "
            f"`fogbank up --data {directory}`, remove it, or name another directory with --data."
        )
    asyncio.run(_demo(directory, loaded.settings.http.port))


async def _demo(directory: Path, port: int) -> None:
    began = monotonic_seconds()
    stop = asyncio.Event()
    for number in STOP_SIGNALS:
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with _running_up(directory, port) as up:
        await _until_stopped(_tell_and_go_on(directory, up, began), stop, up.process)


async def _tell_and_go_on(directory: Path, up: Up, began: float) -> None:
    loaded, _ = settings_of_running(directory)
    settings = loaded.settings
    telling = Telling.until_now(now_utc)
    password = secrets.token_urlsafe(PASSWORD_BYTES)
    instances = await enrol(settings, telling, password)
    population = telling.population(instances)
    async with open_queue(settings.queue) as queue:
        events = await send_past(queue, telling, population)
        report = await _come_to_rest(settings)
        _welcome(up, Told(events, report, password, monotonic_seconds() - began))
        player = Player(queue, monotonic_seconds, lambda _: None)
        await tell_present(player, telling, population, now_utc)


async def enrol(settings: Settings, telling: Telling, password: str) -> list[SimulatedInstance]:
    """Make the story's customers on the running system; what they run is the answer."""
    timeout = httpx.Timeout(ANSWER_SECONDS)
    async with httpx.AsyncClient(base_url=settings.services.url, timeout=timeout) as http:
        token = ServiceToken(http, SIMULATOR, service_secret(settings.data / "secrets", SIMULATOR), now_utc)
        service = ServiceHttp(http, token)
        with progress_bar("Enrolling customers", len(CUSTOMERS), "customers") as bar:
            return await enrol_everybody(
                await _administrator(settings, AccountsClient(service), http),
                LedgerClient(service),
                password=password,
                begins_us=telling.begins_us,
                on_enrolled=lambda _: bar.advance(1),
            )


async def _administrator(settings: Settings, accounts: AccountsClient, http: httpx.AsyncClient) -> Administrator:
    instance_id = instance_id_of(settings)
    installed = await accounts.setup(
        email=settings.setup.email,
        organization_name=HALDEN.name,
        instance_id=instance_id,
        instance_name=instance_id.removeprefix("host_"),
    )
    return await sign_in_administrator(
        accounts,
        http,
        user_id=installed.user_id,
        home_id=installed.org_id,
        sign_in_token=installed.sign_in_token,
    )


async def send_past(queue: QueueClient, telling: Telling, population: Population) -> int:
    """Send the story's past; how many readings it held."""
    expected = events_in_past(telling, population.instances)
    with progress_bar("Sending 30 days of readings", expected, "readings") as bar:
        played = await tell_past(Player(queue, monotonic_seconds, bar.advance), telling, population)
    return played.events


async def _come_to_rest(settings: Settings) -> Report:
    """Wait until every reading is stored, rolled up, priced and charged, and prove it."""
    with err.status("Storing, pricing and charging", spinner="dots") as status:
        async with auditor(settings) as service:
            return await service.audit(PATIENCE_SECONDS, lambda words: status.update(f"Pricing and charging: {words}"))


@asynccontextmanager
async def _running_up(directory: Path, port: int) -> AsyncIterator[Up]:
    """`fogbank up` as a child of ours, which is drained when we end."""
    environment = {
        **os.environ,
        "FOGBANK_SETUP_ORGANIZATION": HALDEN.name,
        "FOGBANK_BILLING_INTERVAL_SECONDS": str(CHARGING_SECONDS),
    }
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "fogbank", "up", "--data", str(directory), "--port", str(port), "--json"),
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        start_new_session=True,  # Ctrl-C is for us to pass on, once
    )
    async with AsyncExitStack() as stack:
        stack.push_async_callback(_drained, process)
        assert process.stdout is not None
        line = await process.stdout.readline()
        if not line:
            sys.exit(await process.wait())  # it has said why
        yield Up(process, msgspec.json.decode(line))


async def _drained(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.send_signal(signal.SIGTERM)
    await process.wait()


async def _until_stopped(
    work: Coroutine[Any, Any, None], stop: asyncio.Event, process: asyncio.subprocess.Process
) -> None:
    """Work until it is done, a signal comes, or the system ends."""
    working, stopping = asyncio.create_task(work), asyncio.create_task(stop.wait())
    ending = asyncio.create_task(process.wait())
    done, pending = await asyncio.wait({working, stopping, ending}, return_when=asyncio.FIRST_COMPLETED)
    for task in pending:
        task.cancel()
    await asyncio.gather(*pending, return_exceptions=True)
    if working in done:
        working.result()


def _welcome(up: Up, told: Told) -> None:
    out.print()
    if not told.report.ok:
        show_report(told.report)
    verdict = "audited, all equal" if told.report.ok else "[bad]the audit found differences[/]"
    out.print(
        f"[good]✓[/] [name]{told.events:,}[/] readings of 30 days, [name]{len(CUSTOMERS)}[/] customers, "
        f"{verdict} [quiet]in {told.seconds:.0f} s[/]\n"
    )
    for label, text in _ways_in(up.ready):
        out.print(f"[name]{label:<9}[/] {text}", soft_wrap=True)
    out.print(f"\nOthers sign in with the password [name]{told.password}[/] [quiet](shown once)[/]")
    table = Table.grid(padding=(0, 3, 0, 0))
    for customer in CUSTOMERS:
        if customer.shows:
            address = email_of(customer, customer.people[0])
            table.add_row(f"  {address}", customer.name, f"[quiet]{customer.shows}[/]")
    out.print(table)
    out.print("\n[quiet]Readings go on as they happen. Ctrl-C drains and stops everything.[/]")


def _ways_in(ready: dict[str, Any]) -> list[tuple[str, str]]:
    return [
        ("Open", f"[link]{ready['url']}[/]"),
        ("Sign in", f"[link]{ready['sign_in_url']}[/] [quiet](works once)[/]"),
        ("Later as", f"{ready['email']} [quiet]with[/] {ready['password']} [quiet](shown once)[/]"),
        ("Data", f"[quiet]{ready['data']}[/]"),
    ]
