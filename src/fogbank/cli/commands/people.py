"""`fogbank people …`: ways in for people. Each command is a file in `people_commands/`."""

import typer

from fogbank.cli.commands.people_commands.sign_in_link import sign_in_link

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Let people in who cannot sign in by themselves.")


@app.callback()
def people() -> None:
    """Let people in who cannot sign in by themselves."""


app.command("sign-in-link")(sign_in_link)
