"""`fogbank nodes place, unplace, placements`: which instance is where, and whose it is."""

from dataclasses import asdict
from typing import Annotated

import typer
from rich.table import Table

from fogbank.cli.commands.nodes_commands.reaching import asked
from fogbank.cli.options import DataOption, JsonOption
from fogbank.cli.terminal import out, print_json
from fogbank.compute.client import PlacementsView, PlacementView
from fogbank.kernel.ids import payer_of

PAGE_MAX = 1_000

InstanceArgument = Annotated[str, typer.Argument(help="The instance's id.")]
ReasonOption = Annotated[str, typer.Option(help="Why, for the activity log.")]


def place(
    instance: InstanceArgument,
    *,
    node: Annotated[str, typer.Option(help="The node it is on.")],
    user: Annotated[str, typer.Option(help="The user whose it is.")],
    reason: ReasonOption,
    organization: Annotated[str | None, typer.Option(help="The organisation that pays for it.")] = None,
    tier: Annotated[str | None, typer.Option(help="The resource tier to put it into.")] = None,
    move: Annotated[bool, typer.Option(help="Where it is elsewhere, it is there no longer.")] = False,
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    """Write down that an instance is on a node from now on, and whose it is."""
    placed = asked(
        data,
        lambda nodes: nodes.place(
            instance_id=instance,
            node_id=node,
            user_id=user,
            org_id=organization,
            tier=tier,
            moves=move,
            reason=reason,
        ),
    )
    _tell(placed, as_json=json)


def unplace(
    placement: Annotated[int, typer.Argument(help="The placement's number.", min=1)],
    *,
    reason: ReasonOption,
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    """Write down that an instance is on its node no longer."""
    _tell(asked(data, lambda nodes: nodes.end_placement(placement, reason=reason)), as_json=json)


def placements(
    *,
    node: Annotated[str | None, typer.Option(help="Only on this node.")] = None,
    instance: Annotated[str | None, typer.Option(help="Only of this instance.")] = None,
    account: Annotated[str | None, typer.Option(help="Only what this account pays for.")] = None,
    now: Annotated[bool, typer.Option("--now", help="Only what is there now.")] = False,
    after: Annotated[int, typer.Option(help="Only those after this number.", min=0)] = 0,
    limit: Annotated[int, typer.Option(help="How many at most.", min=1, max=PAGE_MAX)] = 100,
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    """List placements, oldest first."""
    found = asked(
        data,
        lambda nodes: nodes.placements(
            node_id=node, instance_id=instance, account_id=account, only_now=now, after=after, limit=limit
        ),
    )
    if json:
        print_json(asdict(found))
        return
    out.print(_table(found) if found.placements else "Nothing is placed there.")
    if found.next_cursor:
        out.print(f"[quiet]There may be more: --after {found.next_cursor}[/]")


def _tell(placement: PlacementView, *, as_json: bool) -> None:
    if as_json:
        print_json(asdict(placement))
    else:
        out.print(_table(PlacementsView([placement], None)))


def _table(page: PlacementsView) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="quiet")
    for name in ("placement", "instance", "node", "paid by", "tier", "since", "until"):
        table.add_column(name, overflow="fold")
    for each in page.placements:
        until = "" if each.until is None else f"{each.until:%Y-%m-%d %H:%M:%S}"
        number = f"{each.id} [quiet]itself[/]" if each.is_self_placed else f"{each.id}"
        payer = payer_of(each.user_id, each.org_id)
        table.add_row(
            number, each.instance_id, each.node_id, payer, each.tier, f"{each.since:%Y-%m-%d %H:%M:%S}", until
        )
    return table
