"""`fogbank activity list`: the newest acts."""

import asyncio
from dataclasses import asdict
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from fogbank.accounts.client import ActivitiesView, ActivityFilters
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
from fogbank.cli.options import DataOption, JsonOption, settings_of_running
from fogbank.cli.terminal import out, print_json
from fogbank.runtime.settings import Settings


def list_acts(
    *,
    account: AccountOption = None,
    actor: ActorOption = None,
    action: ActionOption = None,
    subject: SubjectOption = None,
    address: AddressOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    limit: Annotated[int, typer.Option(help="How many at most.", min=1, max=1000)] = 50,
    before: Annotated[int | None, typer.Option(help="Only those before this number.", min=1)] = None,
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    """List who did what, when, from where and why, newest first."""
    filters = filters_of(actor=actor, action=action, subject=subject, address=address, since=since, until=until)
    loaded, _ = settings_of_running(data)
    page = asyncio.run(_page(loaded.settings, account, filters, before, limit))
    if json:
        print_json(asdict(page))
        return
    out.print(_table(page) if page.activities else "No acts.")
    if page.next_cursor is not None:
        out.print(f"[quiet]There are more: --before {page.next_cursor}[/]", soft_wrap=True)


async def _page(
    settings: Settings, account: str | None, filters: ActivityFilters, before: int | None, limit: int
) -> ActivitiesView:
    async with activity_of(settings) as activity:
        return await activity.page(account_id=account, filters=filters, before=before, limit=limit)


def _table(page: ActivitiesView) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="quiet")
    for name in ("", "when (UTC)", "who", "what", "on", "account", "from", "why"):
        table.add_column(name, overflow="fold")
    for act in page.activities:
        cells = (act.actor_id or act.actor_kind, act.action, act.subject, act.account_id, act.address, act.reason)
        table.add_row(str(act.number), f"{act.at:%Y-%m-%d %H:%M:%S}", *(escape(cell) for cell in cells))
    return table
