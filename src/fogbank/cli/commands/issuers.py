"""`fogbank issuers …`: by which other issuers people sign in. Each command is in `issuers_commands/`."""

import typer

from fogbank.cli.commands.issuers_commands import kept

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Let people sign in by other issuers (OpenID).")


@app.callback()
def issuers() -> None:
    """Let people sign in by other issuers (OpenID)."""


app.command("list")(kept.list_issuers)
app.command()(kept.add)
app.command()(kept.change)
app.command()(kept.remove)
