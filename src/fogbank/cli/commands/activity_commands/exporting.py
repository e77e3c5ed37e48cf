"""`fogbank activity export`: the log as a file, however long it is."""

import asyncio
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import typer

from fogbank.accounts.client import ActivityFilters
from fogbank.cli.commands.activity_commands.reaching import (
    AccountOption,
    ActionOption,
    ActorOption,
    AddressOption,
    SinceOption,
    SubjectOption,
    UntilOption,
    activity_of,
    filters_of,
)
from fogbank.cli.failures import Refused
from fogbank.cli.options import DataOption, settings_of_running
from fogbank.cli.terminal import MISUSED
from fogbank.runtime.settings import Settings

FORMATS = ("jsonl", "csv")


def export_log(
    *,
    format_: Annotated[str, typer.Option("--format", help="jsonl or csv.")] = "jsonl",
    output: Annotated[Path | None, typer.Option(help="The file to write; by default, the terminal's output.")] = None,
    account: AccountOption = None,
    actor: ActorOption = None,
    action: ActionOption = None,
    subject: SubjectOption = None,
    address: AddressOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    data: DataOption = None,
) -> None:
    """Write the log, oldest first, so that `fogbank activity verify` can check it without us."""
    if format_ not in FORMATS:
        raise Refused(f"--format is '{format_}' and must be jsonl or csv.", MISUSED)
    filters = filters_of(actor=actor, action=action, subject=subject, address=address, since=since, until=until)
    loaded, _ = settings_of_running(data)
    asyncio.run(_export(loaded.settings, format_, output, account, filters))


async def _export(
    settings: Settings, format_: str, output: Path | None, account: str | None, filters: ActivityFilters
) -> None:
    with nullcontext(sys.stdout.buffer) if output is None else output.open("wb") as file:
        async with activity_of(settings) as activity:
            async for part in activity.export(format_=format_, account_id=account, filters=filters):
                file.write(part)
