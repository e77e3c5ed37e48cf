"""`fogbank usage …`: what operators do to readings once they are there. Each command is a file in `usage_commands/`."""

import typer

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Mend, replay and keep what was measured.")


@app.callback()
def usage() -> None:
    """Mend, replay and keep what was measured."""
