"""`fogbank secrets …`: the key that seals what is secret. Each command is a file in `secrets_commands/`."""

import typer

from fogbank.cli.commands.secrets_commands.rotate import rotate_keys

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Change the key that secrets are sealed with.")


@app.callback()
def secrets() -> None:
    """Change the key that secrets are sealed with."""


app.command("rotate")(rotate_keys)
