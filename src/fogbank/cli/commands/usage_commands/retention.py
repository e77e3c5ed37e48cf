"""`fogbank usage retention …`: how long what is kept, what would go, and letting it go."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from rich.table import Table

from fogbank.cli.commands.usage_commands.reaching import usage_http
from fogbank.cli.failures import Refused
from fogbank.cli.options import DataOption, JsonOption, settings_of_running
from fogbank.cli.terminal import MISUSED, out, print_json
from fogbank.usage.client.retention import (
    Action,
    DataClass,
    Keep,
    PolicyToSet,
    ProposedPolicy,
    RetentionChange,
    RetentionClient,
    RetentionView,
)

T = TypeVar("T")

app = typer.Typer(add_completion=False, help="How long usage is kept, what would go, and letting it go.")

DataClassArgument = Annotated[DataClass, typer.Argument(help="What is kept.", metavar="CLASS", show_default=False)]
KeepArgument = Annotated[
    str, typer.Argument(help="Days, 'forever', or for a payer 'default'.", metavar="KEEP", show_default=False)
]
AccountOption = Annotated[str | None, typer.Option(help="Of this payer only. Default: of all without their own.")]
ThoroughOption = Annotated[bool, typer.Option(help="Take partitions with little to free as well.")]
ReasonOption = Annotated[str, typer.Option(help="Why, for the activity log.")]


@app.callback(invoke_without_command=True)
def retention(context: typer.Context) -> None:
    """Without a command, show policies, and what applying them would drop."""
    if context.invoked_subcommand is None:
        show()


@app.command()
def show(*, data: DataOption = None, json: JsonOption = False) -> None:
    """Show policies, since when what is kept, how much there is, and what would go."""

    async def ask(client: RetentionClient) -> tuple[RetentionView, RetentionChange, bool]:
        view = await client.view()
        is_set = any(policy.keep != "forever" for policy in view.policies)
        return view, await client.preview([] if is_set else view.recommended), is_set

    view, change, is_set = _asked(data, ask)
    if json:
        print_json({**asdict(view), "would_go": asdict(change), "with_recommended": not is_set})
        return
    out.print(_kept(view))
    if is_set:
        out.print(f"\n{told(change, 'would go')}", soft_wrap=True)
        return
    recommended = ", ".join(f"{each.data_class} {each.keep} days" for each in view.recommended)
    out.print(f"\nEverything is kept for ever, until a policy is set. With what we recommend ({recommended}):")
    out.print(told(change, "would go"), soft_wrap=True)


@app.command("set")
def set_policy(
    data_class: DataClassArgument,
    keep: KeepArgument,
    *,
    reason: ReasonOption,
    account: AccountOption = None,
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    """Set how long a class of data is kept. Nothing is dropped before the next daily run, or `apply`."""
    policy = PolicyToSet(data_class, keep_of(keep), reason, account)
    view = _asked(data, lambda client: client.set_policy(policy))
    if json:
        print_json(asdict(view))
        return
    whose = f" of [name]{view.account_id}[/]" if view.account_id else ""
    out.print(f"[good]✓[/] {view.data_class}{whose}: [name]{_days(view.keep)}[/].")


@app.command()
def preview(
    data_class: Annotated[DataClass | None, typer.Argument(help="Try a policy for this.", metavar="CLASS")] = None,
    keep: Annotated[str | None, typer.Argument(help="Days, 'forever' or 'default'.", metavar="KEEP")] = None,
    *,
    account: AccountOption = None,
    thorough: ThoroughOption = False,
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    """Show what would go now, to the row; with CLASS and KEEP, if that policy were set as well. Changes nothing."""
    if data_class is not None and keep is None:
        raise Refused(f"How long would {data_class} be kept? Say days, 'forever' or 'default' after it.", MISUSED)
    proposed = [] if data_class is None or keep is None else [ProposedPolicy(data_class, keep_of(keep), account)]
    _show_change(_asked(data, lambda client: client.preview(proposed, thorough=thorough)), "would go", json=json)


@app.command()
def apply(
    *, reason: ReasonOption, thorough: ThoroughOption = False, data: DataOption = None, json: JsonOption = False
) -> None:
    """Apply the policies now. Safe to repeat; nothing goes that an invoice may still need."""
    _show_change(_asked(data, lambda client: client.apply(reason, thorough=thorough)), "went", json=json)


def keep_of(text: str) -> Keep:
    """What KEEP means; `Refused` where it means nothing."""
    if text in ("forever", "default"):
        return "forever" if text == "forever" else "default"
    if text.isascii() and text.isdigit():
        return int(text)
    raise Refused(f"'{text}' is not how long something is kept; say days, such as 90, 'forever' or 'default'.", MISUSED)


def _asked(data: Path | None, ask: Callable[[RetentionClient], Awaitable[T]]) -> T:
    loaded, _ = settings_of_running(data)

    async def asked() -> T:
        async with usage_http(loaded.settings) as http:
            return await ask(RetentionClient(http))

    return asyncio.run(asked())


def _kept(view: RetentionView) -> Table:
    table = Table.grid(padding=(0, 3, 0, 0))
    table.add_row(*(f"[quiet]{title}[/]" for title in ("class", "payer", "kept", "since", "rows", "bytes")))
    keeps = {(policy.data_class, policy.account_id): policy.keep for policy in view.policies}
    floors = {(floor.data_class, floor.account_id): f"{floor.kept_from:%Y-%m-%d}" for floor in view.floors}
    sizes: dict[tuple[DataClass, str | None], tuple[str, str]] = {
        (size.data_class, None): (f"{size.rows:,}", f"{size.bytes:,}") for size in view.sizes
    }
    for key in sorted({*keeps, *floors, *sizes}, key=lambda key: (_place(key[0]), key[1] or "")):
        data_class, account_id = key
        keep = _days(keeps.get(key, "default" if account_id else "forever"))
        table.add_row(data_class, account_id or "", keep, floors.get(key, ""), *sizes.get(key, ("", "")))
    return table


def _place(data_class: DataClass) -> int:
    return list(DataClass).index(data_class)


def _show_change(change: RetentionChange, verb: str, *, json: bool) -> None:
    if json:
        print_json(asdict(change))
        return
    if change.partitions:
        table = Table.grid(padding=(0, 3, 0, 0))
        table.add_row(*(f"[quiet]{title}[/]" for title in ("table", "partition", "", "rows", "bytes")))
        for each in change.partitions:
            rows, size = each.rows_before - each.rows_after, each.bytes_before - each.bytes_after
            waits = f"keep, {each.rows_expired:,} wait" if each.action is Action.KEEP else str(each.action)
            table.add_row(each.table, each.partition, waits, f"{rows:,}", f"{size:,}")
        out.print(table)
        out.print()
    for payer in change.payers:
        out.print(
            f"{payer.data_class} of [name]{payer.account_id}[/]: {payer.rows:,} rows, about {payer.bytes:,} bytes"
        )
    if change.has_more_payers:
        out.print("[quiet]… and of others[/]")
    out.print(told(change, verb), soft_wrap=True)


def told(change: RetentionChange, verb: str) -> str:
    """One sentence about what goes."""
    parts = [
        f"[name]{each.rows:,}[/] rows of {each.data_class} ({each.bytes:,} bytes)"
        for each in change.classes
        if each.rows
    ]
    needed = f" Invoices may need all from {change.needed_from:%Y-%m-%d} on." if change.needed_from else ""
    return f"{', '.join(parts)} {verb}.{needed}" if parts else f"Nothing {verb}.{needed}"


def _days(keep: Keep) -> str:
    return f"{keep} days" if isinstance(keep, int) else {"forever": "for ever", "default": "as the default"}[keep]
