"""`fogbank usage conflicts`: readings that lost to an earlier one and said something else."""

import asyncio
from dataclasses import asdict
from typing import Annotated

import typer
from rich.table import Table

from fogbank.cli.commands.usage_commands.reaching import mending_of
from fogbank.cli.options import DataOption, JsonOption, settings_of_running
from fogbank.cli.terminal import out, print_json
from fogbank.runtime.settings import Settings
from fogbank.usage.client.mending import ConflictsView, ConflictView

PAGE_MAX = 1_000


def conflicts(
    *,
    instance: Annotated[str | None, typer.Option(help="Only those of this instance.")] = None,
    limit: Annotated[int, typer.Option(help="How many at most.", min=1, max=PAGE_MAX)] = 100,
    cursor: Annotated[str | None, typer.Option(help="Where the page before ended.")] = None,
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    """List readings of one identity with two contents: the one that was accepted first is billed, the other is not."""
    loaded, _ = settings_of_running(data)
    page = asyncio.run(_page(loaded.settings, instance, limit, cursor))
    if json:
        print_json(asdict(page))
        return
    if not page.conflicts:
        out.print("[good]✓[/] No conflicts.")
        return
    out.print(_table(page))
    if page.next_cursor:
        out.print(f"[quiet]There are more: --cursor {page.next_cursor}[/]", soft_wrap=True)


async def _page(settings: Settings, instance: str | None, limit: int, cursor: str | None) -> ConflictsView:
    async with mending_of(settings) as mending:
        return await mending.conflicts(instance_id=instance, limit=limit, after=cursor)


def _table(page: ConflictsView) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="quiet")
    for name in ("instance", "period", "what", "billed", "not billed"):
        table.add_column(name, overflow="fold")
    for conflict in page.conflicts:
        start = f"{conflict.period_start:%Y-%m-%d %H:%M:%S}"
        for place, (what, won, lost) in enumerate(differences(conflict)):
            table.add_row(*((conflict.instance_id, start) if place == 0 else ("", "")), what, won, f"[worry]{lost}[/]")
    return table


def differences(conflict: ConflictView) -> list[tuple[str, str, str]]:
    """What the two readings say differently: the field's name, what the winner says, what the loser says."""
    sides = [
        {
            "node": side.node_id,
            "user": side.user_id,
            "organisation": side.org_id or "none",
            "end": f"{side.period_end:%H:%M:%S}",
            **side.metrics,
        }
        for side in (conflict.won, conflict.lost)
    ]
    won, lost = sides
    return [(name, won[name], lost[name]) for name in won if won[name] != lost[name]]
