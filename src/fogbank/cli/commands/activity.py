"""`fogbank activity …`: who did what, when and from where. Each command is a file in `activity_commands/`."""

import typer

from fogbank.cli.commands.activity_commands.exporting import export_log
from fogbank.cli.commands.activity_commands.listing import list_acts
from fogbank.cli.commands.activity_commands.verifying import verify_file

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Read, export and verify the activity log.")


@app.callback()
def activity() -> None:
    """Read, export and verify the activity log."""


app.command("list")(list_acts)
app.command("export")(export_log)
app.command("verify")(verify_file)
