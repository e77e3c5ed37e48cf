"""`fogbank up`: everything on this machine, under one supervisor."""

import asyncio
import shutil
import signal
from collections.abc import Callable, Coroutine
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from fogbank.cli.disk_watch import watch_disk
from fogbank.cli.failures import Refused
from fogbank.cli.installing import SIGN_IN_PATH, Installing
from fogbank.cli.options import DataOption, settings_of
from fogbank.cli.system import System, build_system, check_price_book, end_left_overs
from fogbank.cli.terminal import err, out, print_json_line
from fogbank.cli.up_view import UpView, Welcome, show_welcome
from fogbank.runtime.clock import monotonic_seconds, now_utc
from fogbank.runtime.embedded.files import passable_directory
from fogbank.runtime.settings_sources import Loaded
from fogbank.runtime.supervisor.lock import held
from fogbank.runtime.supervisor.run_file import run_file_path, write_run_file
from fogbank.runtime.supervisor.supervisor import Supervisor

FREE_BYTES_MIN = 256 * 1024 * 1024
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

app = typer.Typer(add_completion=False)


@app.command(
    help="Start everything on this machine: PostgreSQL, NATS, ClickHouse, all services, an agent. Ctrl-C stops."
)
def up(
    *,
    data: DataOption = None,
    host: Annotated[str | None, typer.Option(help="The address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="The port to listen on.")] = None,
    interval: Annotated[int | None, typer.Option(help="How many seconds one reading lasts.")] = None,
    agent: Annotated[bool, typer.Option(help="Measure this machine.")] = True,
    json: Annotated[bool, typer.Option("--json", help="Print one line of JSON once everything runs.")] = False,
) -> None:
    options = {"data": ("--data", data), "http.host": ("--host", host), "http.port": ("--port", port)}
    loaded = settings_of({**options, "agent.interval_seconds": ("--interval", interval)})
    check_price_book(loaded.settings)
    with held(_data_directory(loaded.settings.data)):
        asyncio.run(_up(loaded, with_agent=agent, as_json=json))


def _data_directory(data: Path) -> Path:
    """The data directory, made; open enough for the database's user to walk through, as its secrets are not."""
    try:
        passable_directory(data)
    except OSError as error:
        raise Refused(
            f"The data directory {data} cannot be made: {(error.strerror or str(error)).lower()}; "
            "name another one with --data or FOGBANK_DATA."
        ) from error
    free_bytes = shutil.disk_usage(data).free
    if free_bytes < FREE_BYTES_MIN:
        raise Refused(
            f"The disk of {data} is full: {free_bytes >> 20} MiB are free, {FREE_BYTES_MIN >> 20} are needed."
        )
    return data


async def _up(loaded: Loaded, *, with_agent: bool, as_json: bool) -> None:
    began = monotonic_seconds()
    installing = Installing(loaded.settings, now_utc)
    await end_left_overs(loaded.settings.data)
    system = await build_system(loaded, installing.agent_environment, with_agent=with_agent)
    installing.services_url = system.services_url
    console = err if as_json else out
    view = UpView(console, [child.name for wave in system.waves for child in wave])
    supervisor = Supervisor(system.waves, view.note, monotonic_seconds)
    stop = _stop_event(supervisor.kill)
    try:
        view.begin(f"[name]Fogbank[/] [quiet]{version('fogbank')} in {loaded.settings.data}[/]")
        if not await _unless_stopped(supervisor.start, stop):
            return
        welcome = await _welcome(system, installing, monotonic_seconds() - began)
        write_run_file(loaded.settings.data, system.run_file(supervisor.pids()))
        view.end()
        _tell(welcome, supervisor, as_json=as_json)
        await _while_watching_the_disk(system, console, stop)
        console.print()
        view.begin("[name]Draining[/] [quiet]what is under way; Ctrl-C again stops at once[/]")
    except BaseException:
        view.end()
        raise
    finally:
        await supervisor.drain()
        view.end()
        run_file_path(loaded.settings.data).unlink(missing_ok=True)


async def _while_watching_the_disk(system: System, console: Console, stop: asyncio.Event) -> None:
    """Wait for the signal to stop, and tell the operator when the disk fills up before it."""
    data = system.settings.data
    watching = asyncio.create_task(
        watch_disk(
            lambda: shutil.disk_usage(data).free,
            system.nats,
            lambda words: console.print(f"[worry]![/] {words}", soft_wrap=True),
        )
    )
    try:
        await stop.wait()
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)


async def _welcome(system: System, installing: Installing, seconds: float) -> Welcome:
    installed = await installing.view()
    return Welcome(
        url=system.url,
        sign_in_url=f"{system.url}{SIGN_IN_PATH}?token={installed.sign_in_token}",
        email=installed.email,
        password=installed.password,
        data=system.settings.data,
        seconds=seconds,
    )


def _tell(welcome: Welcome, supervisor: Supervisor, *, as_json: bool) -> None:
    if not as_json:
        show_welcome(out, welcome)
        return
    print_json_line(
        {
            "url": welcome.url,
            "sign_in_url": welcome.sign_in_url,
            "email": welcome.email,
            "password": welcome.password,
            "data": str(welcome.data),
            "seconds": round(welcome.seconds, 3),
            "pids": supervisor.pids(),
        }
    )


def _stop_event(hurry: Callable[[], None]) -> asyncio.Event:
    """Set by the first signal to stop; the second one hurries."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def on_signal() -> None:
        if stop.is_set():
            hurry()
        stop.set()

    for number in STOP_SIGNALS:
        loop.add_signal_handler(number, on_signal)
    return stop


async def _unless_stopped(start: Callable[[], Coroutine[Any, Any, None]], stop: asyncio.Event) -> bool:
    """Do the start; False when a signal came first."""
    starting = asyncio.create_task(start())
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({starting, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if not starting.done():
        starting.cancel()
        await asyncio.gather(starting, return_exceptions=True)
        return False
    await starting
    return True
