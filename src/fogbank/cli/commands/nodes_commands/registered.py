"""`fogbank nodes list, show, invite, revoke, queue-config`: who may send, and by which keys."""

from dataclasses import asdict
from typing import Annotated

import typer
from rich.table import Table

from fogbank.cli.commands.nodes_commands.reaching import asked, told_where
from fogbank.cli.options import DataOption, JsonOption, settings_of
from fogbank.cli.terminal import out, print_json
from fogbank.compute.client import NodesView, NodeView
from fogbank.runtime.queue_credentials import access
from fogbank.runtime.queue_secrets import queue_secrets

PAGE_MAX = 1_000

NodeArgument = Annotated[str, typer.Argument(help="The node's id.")]
ReasonOption = Annotated[str, typer.Option(help="Why, for the activity log.")]
AfterOption = Annotated[str, typer.Option(help="Only those after this id.")]
LimitOption = Annotated[int, typer.Option(help="How many at most.", min=1, max=PAGE_MAX)]


def list_nodes(
    *, after: AfterOption = "", limit: LimitOption = 100, data: DataOption = None, json: JsonOption = False
) -> None:
    """List nodes, by id, those that were revoked too."""
    found = asked(data, lambda nodes: nodes.nodes(after=after, limit=limit))
    if json:
        print_json(asdict(found))
        return
    out.print(_table(found) if found.nodes else "[good]✓[/] No node is registered.")
    if found.next_cursor:
        out.print(f"[quiet]There may be more: --after {found.next_cursor}[/]")


def show(node: NodeArgument, *, data: DataOption = None, json: JsonOption = False) -> None:
    """Show a node and its keys."""
    _tell(asked(data, lambda nodes: nodes.node(node)), as_json=json)


def invite(
    *,
    operator: Annotated[str, typer.Option(help="Whose node it is: the id of a user or an organisation.")],
    reason: ReasonOption,
    node: Annotated[str | None, typer.Option(help="Only for this node; one that is there gets a new key.")] = None,
    self_placing: Annotated[bool, typer.Option(help="What runs there is billed to whom its readings name.")] = False,
    hours: Annotated[int, typer.Option(help="How long the token is good.", min=1, max=168)] = 1,
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    """Make a one-time token that a node registers with. It is shown this once."""
    made, url = told_where(
        data,
        lambda nodes: nodes.invite(
            operator, node_id=node, is_self_placing=self_placing, valid_seconds=hours * 3600, reason=reason
        ),
    )
    if json:
        print_json(asdict(made))
        return
    out.print(f"[name]{made.token}[/]", soft_wrap=True)
    out.print(f"[quiet]Good until {made.expires_at:%Y-%m-%d %H:%M:%S} UTC, once. On the node, which asks for it:[/]")
    named = f" --node {made.node_id}" if made.node_id else ""
    out.print(f"fogbank agent register --url {url} --token -{named}", markup=False, soft_wrap=True)


def revoke(node: NodeArgument, *, reason: ReasonOption, data: DataOption = None, json: JsonOption = False) -> None:
    """Believe a node no longer, for ever, and cut its connection."""
    _tell(asked(data, lambda nodes: nodes.revoke(node, reason)), as_json=json)


def queue_config(*, data: DataOption = None) -> None:
    """Print what a NATS of yours needs to let nodes in by their keys. It holds secrets."""
    settings = settings_of({"data": ("--data", data)}).settings
    secrets = queue_secrets(settings.data / "secrets")
    print_json(access(settings.queue.password, secrets.system_password, secrets.issuer))


def _tell(node: NodeView, *, as_json: bool) -> None:
    if as_json:
        print_json(asdict(node))
        return
    out.print(_table(NodesView([node], None)))
    table = _columns("key", "from", "until")
    for key in node.keys:
        until = "" if key.valid_until is None else f"{key.valid_until:%Y-%m-%d %H:%M:%S}"
        table.add_row(key.id, f"{key.valid_from:%Y-%m-%d %H:%M:%S}", until)
    out.print(table)


def _table(page: NodesView) -> Table:
    table = _columns("node", "operator", "registered", "keys", "places itself", "revoked")
    for each in page.nodes:
        revoked = "" if each.revoked_at is None else f"{each.revoked_at:%Y-%m-%d %H:%M:%S} ({each.revoke_reason})"
        registered = f"{each.registered_at:%Y-%m-%d %H:%M:%S}"
        itself = "yes" if each.is_self_placing else ""
        table.add_row(each.id, each.operator_id, registered, f"{len(each.keys)}", itself, revoked)
    return table


def _columns(*names: str) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="quiet")
    for name in names:
        table.add_column(name, overflow="fold")
    return table
