"""`fogbank activity verify FILE`: checks an export, offline."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from fogbank.accounts.activity.verifying import NotAnExport, Verified, verified
from fogbank.cli.failures import Refused
from fogbank.cli.options import JsonOption
from fogbank.cli.terminal import FAILED, out, print_json

SHOWN_MAX = 20


def verify_file(
    *,
    file: Annotated[Path, typer.Argument(help="What `fogbank activity export` wrote.", show_default=False)],
    json: JsonOption = False,
) -> None:
    """Check an export without asking anybody: every entry hashed anew, every link followed. Exits 1 if one is wrong."""
    try:
        with file.open(encoding="utf-8", newline="") as lines:
            found = verified(lines)
    except (NotAnExport, UnicodeDecodeError) as error:
        raise Refused(f"{file} cannot be verified: {error}.") from None
    if json:
        told = {"ok": not found.broken, "entries": found.entries, "number": found.number, "hash": found.hash.hex()}
        print_json({**told, "is_whole": found.is_whole, "broken": found.broken})
    else:
        _show(found)
    if found.broken:
        sys.exit(FAILED)


def _show(found: Verified) -> None:
    for each in found.broken[:SHOWN_MAX]:
        out.print(f"[bad]✗[/] {each}.", soft_wrap=True)
    if not found.broken:
        out.print(f"[good]✓[/] {found.entries} entries are as they were written.")
    if found.is_whole:
        out.print(f"From the first to number {found.number}; its hash is {found.hash.hex()}.", soft_wrap=True)
    else:
        out.print("Not every entry is in the file, so only the hashes were checked, not that none is missing.")
