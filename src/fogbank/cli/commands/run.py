"""`fogbank run COMPONENT…`: a process of some components. `up` starts two of them; on many machines, start your own."""

from enum import StrEnum
from typing import Annotated

import typer
import uvloop

from fogbank.cli.options import DataOption, settings_of
from fogbank.cli.wiring.process import wired
from fogbank.runtime.collecting import collect_seldom
from fogbank.runtime.http.serve import serve
from fogbank.runtime.settings import Settings
from fogbank.runtime.supervisor.readiness import tell_ready
from fogbank.runtime.telemetry import LogFormat, configure_logs

app = typer.Typer(add_completion=False)


class Runnable(StrEnum):
    """The components that answer over HTTP."""

    ACCOUNTS = "accounts"
    USAGE = "usage"
    QUEUE = "queue"
    COMPUTE = "compute"
    BILLING = "billing"
    NOTIFICATIONS = "notifications"
    PORTAL = "portal"


@app.command(help="Run some of the components in this process, against the servers that the settings name.")
def run(
    components: Annotated[list[Runnable], typer.Argument(help="Which.", metavar="COMPONENT...", show_default=False)],
    *,
    data: DataOption = None,
    host: Annotated[str | None, typer.Option(help="The address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="The port to listen on.")] = None,
    listen_fd: Annotated[list[int] | None, typer.Option(hidden=True)] = None,
    ready_fd: Annotated[int | None, typer.Option(hidden=True)] = None,
) -> None:
    options = {"data": ("--data", data), "http.host": ("--host", host), "http.port": ("--port", port)}
    settings = settings_of(options).settings
    configure_logs(LogFormat(settings.log.format), settings.log.level)
    names = list(dict.fromkeys(component.value for component in components))
    uvloop.run(_serve(settings, names, listen_fd or [], ready_fd))


async def _serve(settings: Settings, names: list[str], listen_fds: list[int], ready_fd: int | None) -> None:
    async with wired(settings, names) as app_of_process:
        collect_seldom()
        await serve(
            app_of_process,
            host=settings.http.host,
            port=settings.http.port,
            fds=listen_fds,
            on_ready=lambda _: tell_ready(ready_fd),
        )
