"""`fogbank restore`: a data directory from a backup, checked before anything is written."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from fogbank.backup.archive import ArchiveReader
from fogbank.backup.model import Manifest
from fogbank.backup.restoring import Restoring, require_vacant, spool_of
from fogbank.backup.rules import why_not
from fogbank.cli.commands.backup import about, free_bytes, verified
from fogbank.cli.failures import Refused
from fogbank.cli.options import DataOption, settings_of
from fogbank.cli.terminal import err, out
from fogbank.runtime.settings import Settings

app = typer.Typer(add_completion=False)


@app.command(help="Make a data directory of a backup. It must be empty, or not there yet.")
def restore(
    archive: Annotated[
        Path, typer.Argument(help="What `fogbank backup` wrote.", exists=True, dir_okay=False, show_default=False)
    ],
    *,
    data: DataOption = None,
) -> None:
    settings = settings_of({"data": ("--data", data)}).settings
    require_vacant(settings.data)
    with ArchiveReader.open(archive) as reader:
        ours = about(settings)
        reason = why_not(reader.manifest, ours.fogbank, ours.postgres, ours.schemas)
        if reason is not None:
            raise Refused(f"{archive} cannot be restored here: {reason}.")
        manifest = verified(archive)
        with err.status("Restoring", spinner="dots") as status:
            restoring = Restoring(reader, settings.data, ours.node_id, free_bytes, status.update)
            asyncio.run(restoring.restore())
    _tell(settings, manifest, ours.node_id)


def _tell(settings: Settings, manifest: Manifest, node_id: str) -> None:
    out.print(
        f"[good]✓[/] [name]{settings.data}[/] [quiet]is as it was on {manifest.began_at:%Y-%m-%d %H:%M:%S} UTC[/]",
        soft_wrap=True,
    )
    if node_id != manifest.node_id:
        out.print(
            f"[worry]![/] The backup is of {manifest.node_id}, and this is {node_id}: what that agent had not sent yet "
            f"is in {spool_of(manifest.node_id)}, and the one here begins anew.",
            soft_wrap=True,
        )
    for name in manifest.left_out:
        out.print(f"[worry]![/] {name} was not in the backup; restore it by its own means first.", soft_wrap=True)
    out.print(f"[quiet]  Start it: [/]fogbank up --data {settings.data}", soft_wrap=True)
