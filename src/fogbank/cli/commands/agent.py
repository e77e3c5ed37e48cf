"""`fogbank agent`: measures this machine, and sends what it used until the queue has it. Alone, it runs the agent."""

from typing import Annotated

import typer

from fogbank.cli.agent_handover import Handover, hand_over
from fogbank.cli.agent_key import known_key
from fogbank.cli.agent_registration import registration_of, settings_by_registration
from fogbank.cli.agent_targets import (
    cgroup_targets,
    gpu_targets,
    host_instance,
    qemu_targets,
    refuse_what_nobody_owns,
    runtime_targets,
)
from fogbank.cli.commands.agent_commands.install import install
from fogbank.cli.commands.agent_commands.register import register
from fogbank.cli.commands.agent_commands.rotate_key import rotate_key
from fogbank.cli.options import DataOption, settings_of
from fogbank.cli.system import instance_id_of, node_id_of
from fogbank.compute.agent.model import Owner
from fogbank.compute.agent.running import AgentSettings
from fogbank.runtime.queue_credentials import inbox_prefix
from fogbank.runtime.settings import Settings
from fogbank.runtime.settings_sources import SettingWrong

MIB = 1024 * 1024

app = typer.Typer(add_completion=False)


@app.callback(
    invoke_without_command=True,
    help="Measure this machine and send what it used. Stopped at any moment, it loses nothing.",
)
def agent(
    context: typer.Context,
    *,
    data: DataOption = None,
    interval: Annotated[int | None, typer.Option(help="How many seconds one reading lasts.")] = None,
    host: Annotated[bool, typer.Option(help="Measure this machine itself, besides the cgroups.")] = True,
    ready_fd: Annotated[int | None, typer.Option(hidden=True)] = None,
) -> None:
    if context.invoked_subcommand is not None:
        return
    options = {"data": ("--data", data), "agent.interval_seconds": ("--interval", interval)}
    known = settings_of(options).settings.data
    settings = settings_of(options, below=settings_by_registration(known)).settings
    hand_over(Handover(agent_settings(settings, with_host=host), settings.log.level, settings.log.format, ready_fd))


def agent_settings(settings: Settings, *, with_host: bool) -> AgentSettings:
    """What the agent needs to know, from the settings of this machine."""
    if not settings.queue.url:
        raise SettingWrong(
            "queue.url is not set, and an agent needs a queue to send to; set FOGBANK_QUEUE_URL, or register this host "
            "with `fogbank agent register`."
        )
    if registration_of(settings.data) is None:
        refuse_what_nobody_owns(settings.agent, with_host=with_host)
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
        containers=runtime_targets(settings.agent),
        volumes=settings.agent.volumes,
        qemu=qemu_targets(settings.agent),
        libvirt=settings.agent.libvirt,
        gpus=gpu_targets(settings.agent),
        owner=Owner(settings.agent.user_id, settings.agent.org_id or None) if settings.agent.user_id else None,
        trusts_found=settings.agent.labels == "trusted",
        spool_bytes_max=settings.agent.spool_mib * MIB,
        batches_per_second=settings.agent.batches_per_second,
        key_seed=known_key(settings.data),
        hook=settings.agent.hook,
    )


app.command()(install)
app.command()(register)
app.command("rotate-key")(rotate_key)
