"""`fogbank keys list, revoke, scopes, check`: API keys, as an operator sees them."""

from dataclasses import asdict
from typing import Annotated

import typer
from rich.table import Table

from fogbank.accounts.client import ApiKeysView, ApiKeyView
from fogbank.cli.commands.keys_commands.reaching import asked
from fogbank.cli.options import DataOption, JsonOption
from fogbank.cli.terminal import FAILED, out, print_json
from fogbank.kernel.scopes import SCOPES
from fogbank.runtime.credentials.key_format import API_KEY_PREFIX, CLIENT_SECRET_PREFIX, is_key

PAGE_MAX = 1_000


def list_keys(
    owner: Annotated[str, typer.Argument(help="Whose: the id of a user or of a service account.")],
    *,
    after: Annotated[str, typer.Option(help="Only those after this id.")] = "",
    limit: Annotated[int, typer.Option(help="How many at most.", min=1, max=PAGE_MAX)] = 100,
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    """List somebody's keys, by id, those that were revoked too: never a secret."""
    found = asked(data, lambda machines: machines.api_keys(owner_id=owner, after=after, limit=limit))
    if json:
        print_json(asdict(found))
        return
    out.print(_table(found) if found.api_keys else f"{owner} has no keys.")
    if found.next_cursor:
        out.print(f"[quiet]There may be more: --after {found.next_cursor}[/]")


def revoke(
    key: Annotated[str, typer.Argument(help="The key's id.")],
    *,
    reason: Annotated[str, typer.Option(help="Why, for the activity log.")],
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    """Let a key hold no longer. It is refused everywhere within two seconds."""
    asked(data, lambda machines: machines.revoke_api_key(key, reason))
    if json:
        print_json({"revoked": key})
    else:
        out.print(f"[good]✓[/] {key} is revoked.")


def scopes(*, json: JsonOption = False) -> None:
    """List the scopes that keys and service accounts can be limited to."""
    if json:
        print_json(dict(SCOPES))
        return
    table = Table.grid(padding=(0, 2, 0, 0))
    for scope, sentence in SCOPES.items():
        table.add_row(f"[name]{scope}[/]", sentence)
    out.print(table)


def check(
    key: Annotated[str, typer.Argument(help="What may be a key; - reads it from standard input.")],
    *,
    json: JsonOption = False,
) -> None:
    """Say whether a text has the form of a key, without asking anybody. The exit code is 1 where it has not."""
    text = typer.get_text_stream("stdin").readline().strip() if key == "-" else key
    is_good = any(is_key(text, prefix) for prefix in (API_KEY_PREFIX, CLIENT_SECRET_PREFIX))
    if json:
        print_json({"is_key": is_good})
    else:
        out.print("[good]✓[/] It has the form of a key." if is_good else "[bad]✗[/] It is no key, or has a typo.")
    if not is_good:
        raise typer.Exit(FAILED)


def _table(found: ApiKeysView) -> Table:
    table = Table(box=None, header_style="quiet", pad_edge=False)
    for heading in ("id", "name", "ends in", "scopes", "last used", "state"):
        table.add_column(heading)
    for key in found.api_keys:
        used = "never" if key.last_used_at is None else f"{key.last_used_at:%Y-%m-%d %H:%M}"
        table.add_row(key.id, key.name, f"…{key.last_four}", " ".join(key.scopes), used, _state(key))
    return table


def _state(key: ApiKeyView) -> str:
    if key.revoked_at is not None:
        return f"revoked {key.revoked_at:%Y-%m-%d %H:%M}"
    if len(key.secrets) > 1:
        return "being rotated"
    return "good" if key.expires_at is None else f"until {key.expires_at:%Y-%m-%d %H:%M}"
