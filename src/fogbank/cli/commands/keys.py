"""`fogbank keys …`: API keys, as an operator sees them."""

import typer

from fogbank.cli.commands.keys_commands import api_keys

app = typer.Typer(add_completion=False, no_args_is_help=True, help="List and revoke API keys.")


@app.callback()
def keys() -> None:
    """List and revoke API keys."""


app.command("list")(api_keys.list_keys)
app.command()(api_keys.revoke)
app.command()(api_keys.scopes)
app.command()(api_keys.check)
