"""`fogbank agent`: measures this machine, and sends what it used until the queue has it."""

import asyncio
import signal
from contextlib import suppress
from typing import Annotated

import typer
import uvloop

from fogbank.cli.agent_targets import cgroup_targets, host_instance
from fogbank.cli.options import DataOption, settings_of
from fogbank.cli.system import instance_id_of, node_id_of
from fogbank.compute.agent.running import AgentSettings, run_agent
from fogbank.runtime.queue_credentials import inbox_prefix
from fogbank.runtime.settings import Settings
from fogbank.runtime.settings_sources import SettingWrong
from fogbank.runtime.supervisor.readiness import tell_ready
from fogbank.runtime.telemetry import LogFormat, configure_logs

app = typer.Typer(add_completion=False)


@app.command(help="Measure this machine and send what it used. Stopped at any moment, it loses nothing.")
def agent(
    *,
    data: DataOption = None,
    interval: Annotated[int | None, typer.Option(help="How many seconds one reading lasts.")] = None,
    host: Annotated[bool, typer.Option(help="Measure this machine itself, besides the cgroups.")] = True,
    ready_fd: Annotated[int | None, typer.Option(hidden=True)] = None,
) -> None:
    options = {"data": ("--data", data), "agent.interval_seconds": ("--interval", interval)}
    settings = settings_of(options).settings
    configure_logs(LogFormat.CONSOLE, settings.log.level)
    uvloop.run(_until_stopped(agent_settings(settings, with_host=host), ready_fd))


def agent_settings(settings: Settings, *, with_host: bool) -> AgentSettings:
    """What the agent needs to know, from the settings of this machine."""
    if not settings.queue.url:
        raise SettingWrong("queue.url is not set, and an agent needs a queue to send to; set FOGBANK_QUEUE_URL.")
    node_id = node_id_of(settings)
    return AgentSettings(
        node_id=node_id,
        spool_path=settings.data / "agent" / "spool.sqlite",
        queue_url=settings.queue.url,
        queue_user=settings.queue.user or None,
        queue_password=settings.queue.password or None,
        queue_inbox_prefix=inbox_prefix(node_id),
        interval_seconds=settings.agent.interval_seconds,
        host=host_instance(instance_id_of(settings), settings.agent) if with_host else None,
        cgroups=cgroup_targets(settings.agent),
    )


async def _until_stopped(settings: AgentSettings, ready_fd: int | None) -> None:
    settings.spool_path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    running = asyncio.create_task(run_agent(settings))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, running.cancel)
    loop.call_soon(tell_ready, ready_fd)
    with suppress(asyncio.CancelledError):
        await running
