"""`fogbank config`: what holds, and where it came from. Secrets never print."""

from typing import Any

import typer
from rich.table import Table

from fogbank.cli.options import DataOption, JsonOption, settings_of
from fogbank.cli.terminal import out, print_json
from fogbank.runtime.settings_sources import DEFAULT, Known, Loaded, known_settings

HIDDEN = "(set, hidden)"

app = typer.Typer(add_completion=False)


@app.command(help="Show every setting, what it is and where that came from. Secrets never print.")
def config(*, data: DataOption = None, json: JsonOption = False) -> None:
    loaded = settings_of({"data": ("--data", data)})
    if json:
        print_json({known.name: _document(known, loaded) for known in known_settings()})
        return
    out.print(_table(loaded))
    out.print("[quiet]Set one by its variable, such as FOGBANK_HTTP_PORT, or by \\[http] port in fogbank.toml.[/]")


def _document(known: Known, loaded: Loaded) -> dict[str, Any]:
    return {
        "value": _value(known, loaded),
        "source": loaded.sources[known.name],
        "variable": known.variable,
        "purpose": known.about.purpose,
    }


def _value(known: Known, loaded: Loaded) -> Any:
    value = loaded.value_of(known)
    if known.about.is_secret and value:
        return HIDDEN
    if isinstance(value, tuple):
        return [str(each) for each in value]
    return value if isinstance(value, int) or value is None else str(value)


def _table(loaded: Loaded) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="quiet")
    table.add_column("setting", style="name", no_wrap=True)
    table.add_column("value", overflow="fold", min_width=9)
    table.add_column("from", style="quiet", overflow="fold", min_width=7)
    table.add_column("what it is for", style="quiet", ratio=1, overflow="fold", min_width=20)
    for known in known_settings():
        value, source = _value(known, loaded), loaded.sources[known.name]
        shown = ", ".join(value) if isinstance(value, list) else str(value or "")
        style = "default" if source == DEFAULT else "link"
        table.add_row(known.name, f"[{style}]{shown or '–'}[/]", source, known.about.purpose)
    return table
