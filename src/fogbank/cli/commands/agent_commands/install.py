"""`fogbank agent install`: lets systemd run the agent, from now on and at every boot."""

from typing import Annotated

import typer

from fogbank.cli.agent_install import Machine, install_unit, rendered_unit
from fogbank.cli.agent_registration import registration_of
from fogbank.cli.failures import Refused
from fogbank.cli.options import DataOption, JsonOption, settings_of
from fogbank.cli.terminal import out, print_json


def install(
    *,
    start: Annotated[bool, typer.Option(help="Start it now and at every boot.")] = True,
    show: Annotated[bool, typer.Option("--print", help="Print the unit, and change nothing.")] = False,
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    """Make the agent a service of this machine: a hardened unit for systemd. Again is no harm."""
    settings = settings_of({"data": ("--data", data)}).settings
    unit = rendered_unit(settings.data)
    if show:
        typer.echo(unit, nl=False)
        return
    if registration_of(settings.data) is None and not settings.queue.url:
        raise Refused(
            "This host is no node yet, so its agent would not know where to send; "
            "register it first with `fogbank agent register`."
        )
    path = install_unit(Machine.this(), unit, starts=start)
    if json:
        print_json({"unit": str(path), "started": start})
        return
    out.print(f"[good]✓[/] [name]{path}[/] {'runs now and at every boot' if start else 'is there, and not started'}.")
    out.print(f"[quiet]What it says: [/]journalctl --unit {path.stem} --follow")
