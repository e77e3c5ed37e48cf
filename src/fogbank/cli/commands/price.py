"""`fogbank price check`: are the price models right? Prices the cases of a file and compares."""

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from fogbank.billing.price_check import CasesUnreadable, CheckResult, check_prices
from fogbank.cli.failures import Refused
from fogbank.cli.options import JsonOption
from fogbank.cli.terminal import FAILED, MISUSED, out, print_json

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Check the price models against cases of yours.")


@app.callback()
def price() -> None:
    """Check the price models against cases of yours."""


@app.command(help="Price the cases of FILE (JSON) and compare each with its expected amount; exit 1 when one differs.")
def check(
    file: Annotated[Path, typer.Argument(help='{"cases": [{"id", "model", "params", "quantity", "expected_amount"}]}')],
    *,
    json: JsonOption = False,
) -> None:
    try:
        result = check_prices(file.read_bytes())
    except CasesUnreadable as error:
        raise Refused(f"{file}: {error}.", MISUSED) from None
    if json:
        print_json(result.document())
    else:
        _show(result)
    raise typer.Exit(0 if result.is_right else FAILED)


def _show(result: CheckResult) -> None:
    wrong = [case for case in result.cases if not case.ok]
    if wrong:
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="quiet")
        table.add_column("case", style="name", overflow="fold")
        table.add_column("expected", justify="right", overflow="fold")
        table.add_column("got", justify="right", style="bad", overflow="fold")
        for case in wrong:
            table.add_row(case.id, case.expected, case.got or case.error)
        out.print(table)
    style = "bad" if wrong else "good"
    out.print(f"[{style}]{'✗' if wrong else '✓'}[/] {result.right} of {len(result.cases)} cases are right.")
