"""`fogbank thresholds …`: limits on what is used, spent and left; and what is beyond its limit now."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from rich.table import Table

from fogbank.cli.commands.usage_commands.reaching import accounts_of
from fogbank.cli.failures import Refused
from fogbank.cli.options import DataOption, JsonOption, settings_of_running
from fogbank.cli.terminal import MISUSED, out, print_json
from fogbank.compute.client.thresholds import (
    THRESHOLDS_PER_PAGE,
    THRESHOLDS_PER_PAGE_MAX,
    FiringView,
    ThresholdConfiguration,
    ThresholdsClient,
    ThresholdView,
)
from fogbank.compute.thresholds.errors import NotAllowed
from fogbank.compute.thresholds.model import COOLING_SECONDS, HYSTERESIS_PERCENT, Action, Channel, ResourceType
from fogbank.compute.thresholds.rules.units import micros_of_number, number_of_micros

T = TypeVar("T")

PERCENT = "%"

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Set limits, and see what is beyond them.")


class Kind(StrEnum):
    """The words for a threshold's type."""

    ABSOLUTE = "absolute"
    PERCENTAGE = "percentage"


AccountOption = Annotated[str | None, typer.Option(help="Only of this account.")]
AfterOption = Annotated[str | None, typer.Option(help="Only those after this one, as the page before says.")]
LimitOption = Annotated[int, typer.Option(help="How many at most.", min=1, max=THRESHOLDS_PER_PAGE_MAX)]
ReasonOption = Annotated[str, typer.Option(help="Why, for the activity log.")]


@app.callback()
def thresholds() -> None:
    """Set limits, and see what is beyond them."""


@app.command("list")
def list_thresholds(
    *,
    account: AccountOption = None,
    after: AfterOption = None,
    limit: LimitOption = THRESHOLDS_PER_PAGE,
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    """List the thresholds that are set, by id."""
    page = _asked(data, lambda client: client.thresholds(account_id=account, after=after, limit=limit))
    if json:
        print_json(asdict(page))
        return
    out.print(_thresholds(page.thresholds) if page.thresholds else "No thresholds are set.")
    _say_more(page.next_cursor)


@app.command("set")
def set_threshold(
    resource: Annotated[ResourceType, typer.Argument(help="What is limited.", show_default=False)],
    value: Annotated[str, typer.Argument(help="The limit, such as 500.", show_default=False)],
    units: Annotated[str, typer.Argument(help="Its units, such as GB, or % of what there is.", show_default=False)],
    *,
    reason: ReasonOption,
    user: Annotated[str | None, typer.Option(help="The user whom it is about, or * for everybody.")] = None,
    organization: Annotated[str | None, typer.Option(help="The organisation that it is about.")] = None,
    instance: Annotated[str | None, typer.Option(help="The instance that it is about.")] = None,
    action: Annotated[Action, typer.Option(help="What a crossing leads to.")] = Action.NOTIFY,
    tell: Annotated[list[Channel] | None, typer.Option(help="How people are told; may be given often.")] = None,
    name: Annotated[str, typer.Option(help="What people call it.")] = "",
    hysteresis: Annotated[int, typer.Option(help="How many percent back is cleared.")] = HYSTERESIS_PERCENT,
    cooling: Annotated[int, typer.Option(help="For how many seconds it does not fire again.")] = COOLING_SECONDS,
    threshold_id: Annotated[str | None, typer.Option("--id", help="A name for it: setting it twice is once.")] = None,
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    """Set a threshold, such as `set storage 500 GB --user user_123456 --tell email --reason "Ticket 7"`."""
    configuration = ThresholdConfiguration(
        resource_type=resource.value,
        threshold_type=Kind.PERCENTAGE.value if units == PERCENT else Kind.ABSOLUTE.value,
        threshold_value=number_of(value),
        units=units,
        action=action.value,
        user_id=user,
        notification_channels=[channel.value for channel in tell or []],
        org_id=organization,
        instance_id=instance,
        name=name,
        hysteresis_percent=hysteresis,
        cooling_seconds=cooling,
        id=threshold_id,
        reason=reason,
    )
    made = _asked(data, lambda client: client.create(configuration))
    if json:
        print_json(asdict(made))
    else:
        out.print(f"[good]✓[/] [name]{made.id}[/]: {limit_text(made)} → {made.action}.")


@app.command()
def remove(
    threshold_id: Annotated[str, typer.Argument(help="The threshold's id.", show_default=False)],
    *,
    reason: ReasonOption,
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    """Remove a threshold. Where it was firing, nobody is told anything more."""
    _asked(data, lambda client: client.delete(threshold_id, reason))
    if json:
        print_json({"id": threshold_id, "removed": True})
    else:
        out.print(f"[good]✓[/] [name]{threshold_id}[/] is removed.")


@app.command()
def states(
    *,
    account: AccountOption = None,
    after: AfterOption = None,
    limit: LimitOption = THRESHOLDS_PER_PAGE,
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    """Show what is beyond its limit now, since when, and for whom."""
    page = _asked(data, lambda client: client.firing(account_id=account, after=after, limit=limit))
    if json:
        print_json(asdict(page))
        return
    out.print(_firing(page.firing) if page.firing else "[good]✓[/] Nothing is beyond its limit.")
    _say_more(page.next_cursor)


def number_of(text: str) -> int | float:
    """The limit as a number; `Refused` where it is none."""
    try:
        return number_of_micros(micros_of_number("VALUE", Decimal(text)))
    except InvalidOperation:
        raise Refused(f"VALUE is '{text}' and must be a number, such as 500.", MISUSED) from None
    except NotAllowed as refusal:
        raise Refused(f"{refusal}.", MISUSED) from None


def limit_text(threshold: ThresholdView | FiringView) -> str:
    """The limit in words: `storage 500 GB`."""
    return f"{threshold.resource_type} {threshold.threshold_value} {threshold.units}"


def _asked(data: Path | None, ask: Callable[[ThresholdsClient], Awaitable[T]]) -> T:
    loaded, _ = settings_of_running(data)

    async def asked() -> T:
        async with accounts_of(loaded.settings) as accounts:
            return await ask(ThresholdsClient(accounts.service))

    return asyncio.run(asked())


def _thresholds(found: list[ThresholdView]) -> Table:
    table = _table("threshold", "about", "limit", "action", "tells", "name")
    for each in found:
        about = each.user_id or each.org_id or each.instance_id or ""
        tells = ", ".join(each.notification_channels)
        table.add_row(each.id, about, limit_text(each), each.action, tells, each.name)
    return table


def _firing(found: list[FiringView]) -> Table:
    table = _table("threshold", "account", "instance", "limit", "value", "since", "action")
    for each in found:
        since = f"{each.since:%Y-%m-%d %H:%M:%S}"
        table.add_row(
            each.threshold_id, each.account_id, each.instance_id, limit_text(each), each.value, since, each.action
        )
    return table


def _table(*names: str) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="quiet")
    for name in names:
        table.add_column(name, overflow="fold")
    return table


def _say_more(cursor: str | None) -> None:
    if cursor:
        out.print(f"[quiet]There may be more: --after {cursor}[/]")
