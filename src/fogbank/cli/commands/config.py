"""`fogbank config`: what holds, and where it came from. Secrets never print."""

from typing import Any

import typer
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table

from fogbank.cli.options import DataOption, JsonOption, settings_of
from fogbank.cli.terminal import out, print_json
from fogbank.runtime.settings_sources import DEFAULT, Known, Loaded, known_settings

WIDE = 120
"""From this many columns on, the settings are a table."""
HIDDEN = "(set, hidden)"

app = typer.Typer(add_completion=False)


@app.command(help="Show every setting, what it is and where that came from. Secrets never print.")
def config(*, data: DataOption = None, json: JsonOption = False) -> None:
    loaded = settings_of({"data": ("--data", data)})
    if json:
        print_json({known.name: _document(known, loaded) for known in known_settings()})
        return
    if out.width < WIDE:
        _print_list(loaded)
    else:
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
        table.add_row(known.name, _shown(known, loaded), loaded.sources[known.name], known.about.purpose)
    return table


def _print_list(loaded: Loaded) -> None:
    for known in known_settings():
        out.print(f"[name]{known.name}[/]  {_shown(known, loaded)}")
        source = loaded.sources[known.name]
        out.print(Padding(f"[quiet]{known.about.purpose}{'' if source == DEFAULT else f' · from {source}'}[/]", (0, 2)))


def _shown(known: Known, loaded: Loaded) -> str:
    value = _value(known, loaded)
    text = (", ".join(value) if isinstance(value, list) else str(value or "")) or "–"
    style = "default" if loaded.sources[known.name] == DEFAULT else "link"
    return f"[{style}]{escape(text)}[/]"
