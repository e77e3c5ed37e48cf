"""`fogbank usage …`: what operators do to readings once they are there. Each command is a file in `usage_commands/`."""

import typer

from fogbank.cli.commands.usage_commands import quarantine, retention
from fogbank.cli.commands.usage_commands.backfill import backfill
from fogbank.cli.commands.usage_commands.conflicts import conflicts
from fogbank.cli.commands.usage_commands.correct import correct
from fogbank.cli.commands.usage_commands.replay import replay

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Mend, replay and keep what was measured.")


@app.callback()
def usage() -> None:
    """Mend, replay and keep what was measured."""


app.command()(correct)
app.command()(conflicts)
app.add_typer(quarantine.app, name="quarantine")
app.command()(replay)
app.command()(backfill)
app.add_typer(retention.app, name="retention")
