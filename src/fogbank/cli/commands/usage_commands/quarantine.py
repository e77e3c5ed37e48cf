"""`fogbank usage quarantine`: what was not valid: list, show, mend and send again, discard."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from rich.table import Table

from fogbank.cli.commands.usage_commands.reaching import mending_of
from fogbank.cli.options import DataOption, JsonOption, settings_of_running
from fogbank.cli.terminal import err, out, print_json
from fogbank.usage.client.mending import MendingClient, QuarantineEntryView, QuarantineView

T = TypeVar("T")
PAGE_MAX = 1_000


class State(StrEnum):
    """What became of an entry."""

    OPEN = "open"
    REPLAYED = "replayed"
    DISCARDED = "discarded"
    ALL = "all"


EntryArgument = Annotated[int, typer.Argument(help="The entry's number.", min=1)]
ReasonOption = Annotated[str, typer.Option(help="Why, for the activity log.")]

app = typer.Typer(add_completion=False, no_args_is_help=True, help="What was not valid: look, mend, send again.")


@app.callback()
def quarantine() -> None:
    """What was not valid: look, mend, send again."""


@app.command("list", help="List entries, oldest first, with the field and the reason.")
def list_entries(
    *,
    node: Annotated[str | None, typer.Option(help="Only what this node sent.")] = None,
    reason: Annotated[str | None, typer.Option(help="Only where the field or the reason has this in it.")] = None,
    state: Annotated[State, typer.Option(help="What became of them.")] = State.OPEN,
    after: Annotated[int, typer.Option(help="Only those after this entry.", min=0)] = 0,
    limit: Annotated[int, typer.Option(help="How many at most.", min=1, max=PAGE_MAX)] = 100,
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    async def page(mending: MendingClient) -> QuarantineView:
        wanted = None if state is State.ALL else state.value
        return await mending.quarantine(node_id=node, reason=reason, state=wanted, after=after, limit=limit)

    found = _asked(data, page)
    if json:
        print_json(asdict(found))
        return
    out.print(_table(found) if found.entries else "[good]✓[/] Nothing is there.")
    if found.next_cursor:
        out.print(f"[quiet]There may be more: --after {found.next_cursor}[/]")


@app.command(help="Show an entry, and on standard output alone what is in it.")
def show(entry: EntryArgument, *, data: DataOption = None, json: JsonOption = False) -> None:
    seen = _asked(data, lambda mending: mending.entry(entry))
    if json:
        print_json(asdict(seen))
        return
    err.print(_table(QuarantineView([seen.entry], None)))
    out.print(seen.text if seen.text is not None else f"base64: {seen.payload}", markup=False, soft_wrap=True)


@app.command(help="Send an entry through the queue again, as it is or as FILE says. Twice is once.")
def replay(
    entry: EntryArgument,
    *,
    reason: ReasonOption,
    file: Annotated[
        Path | None, typer.Option(help="What to send instead: an event, an array, or one a line.", exists=True)
    ] = None,
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    text = None if file is None else file.read_text()
    _tell(_asked(data, lambda mending: mending.replay_entry(entry, reason=reason, text=text)), as_json=json)


@app.command(help="Let an entry be. Its bytes stay until the queue forgets them.")
def discard(entry: EntryArgument, *, reason: ReasonOption, data: DataOption = None, json: JsonOption = False) -> None:
    _tell(_asked(data, lambda mending: mending.discard_entry(entry, reason=reason)), as_json=json)


def _asked(data: Path | None, ask: Callable[[MendingClient], Awaitable[T]]) -> T:
    loaded, _ = settings_of_running(data)

    async def answer() -> T:
        async with mending_of(loaded.settings) as mending:
            return await ask(mending)

    return asyncio.run(answer())


def _tell(entry: QuarantineEntryView, *, as_json: bool) -> None:
    if as_json:
        print_json(asdict(entry))
    else:
        out.print(f"[good]✓[/] Entry {entry.id} is {entry.state}, by [name]{entry.decided_by}[/].")


def _table(page: QuarantineView) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="quiet")
    for name in ("entry", "set aside", "node", "state", "field", "reason"):
        table.add_column(name, overflow="fold")
    for each in page.entries:
        received = f"{each.received_at:%Y-%m-%d %H:%M:%S}"
        table.add_row(f"{each.id}", received, each.node_id, each.state, each.field, each.reason)
    return table
