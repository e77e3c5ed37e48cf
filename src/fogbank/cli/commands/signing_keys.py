"""`fogbank signing-keys …`: the keys that tokens are signed with."""

import typer

from fogbank.cli.commands.keys_commands import signing

app = typer.Typer(
    add_completion=False, no_args_is_help=True, help="See and change the keys that tokens are signed with."
)


@app.callback()
def signing_keys() -> None:
    """See and change the keys that tokens are signed with."""


app.command("list")(signing.list_signing_keys)
app.command()(signing.rotate)
