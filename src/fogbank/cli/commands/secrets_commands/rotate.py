"""`fogbank secrets rotate`: a new sealing key in front, and everything sealed anew."""

import asyncio

from fogbank.cli.options import DataOption, JsonOption, settings_of_running
from fogbank.cli.terminal import out, print_json
from fogbank.runtime.clock import now_utc
from fogbank.runtime.database import Database
from fogbank.runtime.entropy import system_entropy
from fogbank.runtime.resealing import Resealed, Resealing
from fogbank.runtime.sealing import rotate
from fogbank.runtime.settings import Settings


def rotate_keys(*, data: DataOption = None, json: JsonOption = False) -> None:
    """Make a new key that seals from now on, and seal with it what is sealed. The old key goes an hour later."""
    loaded, _ = settings_of_running(data)
    key_id, done = asyncio.run(_rotated(loaded.settings))
    if json:
        told = {"key_id": key_id, "sealed_anew": done.sealed_anew, "unreadable": done.unreadable}
        print_json({**told, "dropped_keys": done.dropped_keys})
        return
    out.print(f"[good]✓[/] The key {key_id} seals from now on; {done.sealed_anew} secrets were sealed anew.")
    if done.dropped_keys:
        out.print(f"Dropped, since nothing needs them: {', '.join(done.dropped_keys)}.")
    if done.unreadable:
        out.print(f"[bad]✗[/] {done.unreadable} secrets cannot be opened by any key; docs/guards.md says what to do.")


async def _rotated(settings: Settings) -> tuple[str, Resealed]:
    secrets = settings.data / "secrets"
    async with Database.open(settings.postgres.url, connections_max=1) as database:
        key_id = await asyncio.to_thread(rotate, secrets, system_entropy, now_utc())
        return key_id, await Resealing(database, secrets, now_utc, system_entropy).reseal()
