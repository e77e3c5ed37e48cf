"""`fogbank notifications …`: whether e-mails go out. Each command is a file in `notifications_commands/`."""

import typer

from fogbank.cli.commands.notifications_commands.emails import list_emails
from fogbank.cli.commands.notifications_commands.test import send_test

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Send a test e-mail, and see what became of others.")


@app.callback()
def notifications() -> None:
    """Send a test e-mail, and see what became of others."""


app.command("test")(send_test)
app.command("list")(list_emails)
