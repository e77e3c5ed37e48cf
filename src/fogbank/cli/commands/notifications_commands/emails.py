"""`fogbank notifications list`: the newest e-mails to anybody, and what became of them."""

import asyncio
from dataclasses import asdict
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from fogbank.cli.commands.notifications_commands.reaching import notifications_of
from fogbank.cli.options import DataOption, JsonOption, settings_of_running
from fogbank.cli.terminal import out, print_json
from fogbank.notifications.client import SentEmailsView, SentEmailView
from fogbank.runtime.settings import Settings

STYLES = {"sent": "good", "failed": "bad", "queued": "worry"}


def list_emails(
    *,
    failed: Annotated[bool, typer.Option("--failed", help="Only those that failed.")] = False,
    limit: Annotated[int, typer.Option(help="How many at most.", min=1, max=200)] = 50,
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    """List the newest e-mails, to whom they went, and what the mail server said."""
    loaded, _ = settings_of_running(data)
    page = asyncio.run(_emails(loaded.settings, "failed" if failed else None, limit))
    if json:
        print_json(asdict(page))
        return
    if not page.emails:
        out.print("No e-mails failed." if failed else "No e-mails yet.")
        return
    out.print(_table(page.emails))


async def _emails(settings: Settings, state: str | None, limit: int) -> SentEmailsView:
    async with notifications_of(settings) as notifications:
        return await notifications.emails(state=state, limit=limit)


def _table(emails: list[SentEmailView]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="quiet")
    for name in ("made (UTC)", "to", "state", "tried", "notices", "the mail server said"):
        table.add_column(name, overflow="fold")
    for email in emails:
        state = f"[{STYLES.get(email.state, 'quiet')}]{email.state}[/]"
        made = f"{email.created_at:%Y-%m-%d %H:%M:%S}"
        table.add_row(
            made, escape(email.address), state, str(email.attempts), str(len(email.notices)), escape(email.detail)
        )
    return table
