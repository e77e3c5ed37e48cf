"""`fogbank nodes …`: who may send readings, and which instance is on which node since when."""

import typer

from fogbank.cli.commands.nodes_commands import placed, registered

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Let nodes in, and say what is on them.")


@app.callback()
def nodes() -> None:
    """Let nodes in, and say what is on them."""


app.command("list")(registered.list_nodes)
app.command()(registered.show)
app.command()(registered.invite)
app.command()(registered.revoke)
app.command()(placed.place)
app.command()(placed.unplace)
app.command()(placed.placements)
app.command("queue-config")(registered.queue_config)
