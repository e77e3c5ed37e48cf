"""`fogbank bench NAME`: measures a part, with servers of its own in a temporary directory, and cleans up."""

import asyncio
import importlib
import inspect
from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from fogbank.cli.failures import Refused
from fogbank.cli.options import JsonOption
from fogbank.cli.terminal import MISUSED, err, out, print_json
from fogbank.runtime.telemetry import LogFormat, configure_logs

app = typer.Typer(add_completion=False)


class Bench(StrEnum):
    """What can be measured."""

    AGENT = "agent"
    AUTH = "auth"
    DISORDER = "disorder"
    HISTORY = "history"
    INGEST = "ingest"
    LEDGER = "ledger"
    RATE = "rate"
    STORE = "store"
    UP = "up"


@app.command(
    help="Measure agent, auth, disorder, history, ingest, ledger, rate, store or up. Takes minutes, and both cores."
)
def bench(
    name: Annotated[Bench, typer.Argument(help="What to measure.")],
    *,
    size: Annotated[
        int | None, typer.Option(help="How much of it: events, instances, transfers, charges or starts.")
    ] = None,
    with_: Annotated[
        list[str] | None, typer.Option("--with", metavar="NAME=NUMBER", help="Another measure of it; repeatable.")
    ] = None,
    trace: Annotated[
        Path | None, typer.Option(help="A recorded trace to store, for `store`.", exists=True, dir_okay=False)
    ] = None,
    json: JsonOption = False,
) -> None:
    run = importlib.import_module(f"fogbank.benchmarks.{name.value}").run
    if trace is not None and name is not Bench.STORE:
        raise Refused(f"--trace is for `store`; `{name.value}` plays no trace.", MISUSED)
    sizes = _sizes(run, size, with_ or [])
    configure_logs(LogFormat.CONSOLE, "warning")
    with err.status(f"Measuring [name]{name.value}[/]", spinner="dots"):
        result: dict[str, Any] = asyncio.run(run(**sizes, **({} if trace is None else {"trace": trace})))
    if json:
        print_json(result)
    else:
        out.print(_table(result))


def _sizes(run: Callable[..., Any], size: int | None, others: list[str]) -> dict[str, int]:
    """What to call `run` with: `size` is its first parameter, the others are named."""
    known = list(inspect.signature(run).parameters)
    sizes = {} if size is None else {known[0]: size}
    for text in others:
        name, _, value = text.partition("=")
        if name not in known:
            raise Refused(f"'{name}' is no measure of this; there are {', '.join(known)}.", MISUSED)
        if not value.isdigit():
            raise Refused(f"--with {text}: give a whole number, such as {name}=1000.", MISUSED)
        sizes[name] = int(value)
    return sizes


def _table(result: Mapping[str, Any]) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(style="quiet")
    table.add_column(justify="right", style="name")
    for name, value in _flat(result):
        table.add_row(name.replace("_", " "), _shown(value))
    return table


def _flat(result: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in result.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name} ")
        else:
            yield prefix + name, value


def _shown(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    return f"{value:,}" if isinstance(value, int) else f"{value:,.3f}"
