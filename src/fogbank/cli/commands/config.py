"""`fogbank config`: what holds, and where it came from. Secrets never print."""

from itertools import groupby
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table

from fogbank.cli.options import DataOption, JsonOption, settings_of
from fogbank.cli.terminal import out, print_json
from fogbank.runtime.settings_checks import Check, OneOf, WholeNumber
from fogbank.runtime.settings_sources import DEFAULT, Known, Loaded, as_text, known_settings

MarkdownOption = Annotated[
    bool, typer.Option("--markdown", help="Print every setting and its default, as docs/settings.md has them.")
]

WIDE = 120
"""From this many columns on, the settings are a table."""
HIDDEN = "(set, hidden)"

HEAD = """\
# Settings

Every setting has a default that works, so `fogbank up` needs none of them. `fogbank config` shows what holds and where
it came from, secrets hidden; `fogbank config --markdown` prints this page. A setting comes from the first of these
that says it:

1. an option of the command, such as `--port`;
2. the environment: `http.port` is `FOGBANK_HTTP_PORT`, and lists have commas between their parts;
3. a file: `port` in `[http]` of `fogbank.toml` in the data directory, or of the file that `FOGBANK_CONFIG` names;
4. the system that runs in the data directory, where a command asks one;
5. the default.

A name or a value that cannot be is refused in one sentence before anything starts. Set secrets (*secret* below) by the
environment or in a file that only its owner reads.

`data`, or `FOGBANK_DATA`, is where everything is kept: by default `/var/lib/fogbank` as root, else
`~/.local/share/fogbank`.
"""

app = typer.Typer(add_completion=False)


@app.command(help="Show every setting, what it is and where that came from. Secrets never print.")
def config(*, data: DataOption = None, markdown: MarkdownOption = False, json: JsonOption = False) -> None:
    if markdown:
        typer.echo(as_markdown(), nl=False)
        return
    loaded = settings_of({"data": ("--data", data)})
    if json:
        print_json({known.name: _document(known, loaded) for known in known_settings()})
        return
    if out.width < WIDE:
        _print_list(loaded)
    else:
        out.print(_table(loaded))
    out.print("[quiet]Set one by its variable, such as FOGBANK_HTTP_PORT, or by \\[http] port in fogbank.toml.[/]")


def as_markdown() -> str:
    """The whole of docs/settings.md: names, defaults and purposes, whatever is set here."""
    lines = [HEAD]
    grouped = (known for known in known_settings() if "." in known.name)
    for group, settings in groupby(grouped, lambda known: known.name.partition(".")[0]):
        lines += [f"## {group}", "", "| setting | what it is for | takes | default |", "| --- | --- | --- | --- |"]
        lines += [
            f"| `{each.name}` | {_purpose(each)} | {_takes(each.about.check)} | {_default(each)} |" for each in settings
        ]
        lines.append("")
    return "\n".join(lines)


def _row(known: Known) -> str:
    return f"| `{known.name}` | {_purpose(known)} | {_takes(known.about.check)} | {_default(known)} |"


def _takes(check: Check | None) -> str:
    match check:
        case OneOf(choices):
            return ", ".join(f"`{choice}`" for choice in choices)
        case WholeNumber(least, most):
            return f"{least:,} to {most:,}"
        case _:
            return ""


def _default(known: Known) -> str:
    text = as_text(known.default) if known.default is not None else ""
    return f"`{text}`" if text else ""


def _purpose(known: Known) -> str:
    purpose = known.about.purpose.replace("|", "\\|").replace("*", "\\*").replace("<", "\\<")
    return f"{purpose} (*secret*)" if known.about.is_secret else purpose


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
