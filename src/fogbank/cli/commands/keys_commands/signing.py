"""`fogbank signing-keys list, rotate`: the keys that tokens are signed with."""

from dataclasses import asdict

from rich.table import Table

from fogbank.accounts.client import SigningKeysView
from fogbank.cli.commands.keys_commands.reaching import asked
from fogbank.cli.options import DataOption, JsonOption
from fogbank.cli.terminal import out, print_json


def list_signing_keys(*, data: DataOption = None, json: JsonOption = False) -> None:
    """List the keys that sign, will sign, or whose tokens have not ended: never a private part."""
    _tell(asked(data, lambda machines: machines.signing_keys()), as_json=json)


def rotate(*, data: DataOption = None, json: JsonOption = False) -> None:
    """Publish a new key, which signs in a quarter of an hour. While one is waiting already, nothing."""
    _tell(asked(data, lambda machines: machines.rotate_signing_keys()), as_json=json)


def _tell(found: SigningKeysView, *, as_json: bool) -> None:
    if as_json:
        print_json(asdict(found))
        return
    table = Table(box=None, header_style="quiet", pad_edge=False)
    table.add_column("key", no_wrap=True, overflow="fold")
    for heading in ("state", "made", "signs from", "ends"):
        table.add_column(heading)
    for key in found.signing_keys:
        ends = "" if key.ends_at is None else f"{key.ends_at:%Y-%m-%d %H:%M}"
        made, signs = f"{key.made_at:%Y-%m-%d %H:%M}", f"{key.signs_from:%Y-%m-%d %H:%M}"
        table.add_row(key.kid, key.state, made, signs, ends)
    out.print(table)
