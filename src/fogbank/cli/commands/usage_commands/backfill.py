"""`fogbank usage backfill`: historical events from files, through the running system's queue."""

import asyncio
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from fogbank.accounts.client import AccountsClient
from fogbank.cli.commands.usage_commands.reaching import OPERATOR, accounts_of, queue_of
from fogbank.cli.failures import Refused
from fogbank.cli.options import DataOption, JsonOption, settings_of_running
from fogbank.cli.terminal import FAILED, MISUSED, out, print_json, progress_bar
from fogbank.kernel.ids import is_id
from fogbank.kernel.periods import microseconds_of
from fogbank.queue.client import QueueClient
from fogbank.runtime.clock import monotonic_seconds, now_utc
from fogbank.runtime.secret_files import batch_signing_seed
from fogbank.runtime.settings import Settings
from fogbank.usage.mending.backfill.files import FileUnreadable, sha256_of
from fogbank.usage.mending.backfill.sending import Backfill, Sent, rejected_path
from fogbank.usage.mending.rules import digest_of

ACTION = "usage.backfill"
NODE = "backfill"
PERCENT = 100


def backfill(
    files: Annotated[
        list[Path],
        typer.Argument(help="NDJSON (also .gz and .zst) or .parquet, of usage events.", exists=True, dir_okay=False),
    ],
    *,
    node: Annotated[str, typer.Option(help="The node in whose name they are sent.")] = NODE,
    reason: Annotated[str, typer.Option(help="Why, for the activity log.")] = "Backfill of historical events.",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only judge every line; send nothing.")] = False,
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    """Send historical events from files. A run that broke off goes on where it was; sent again, nothing counts twice.

    Lines that are not valid are written to FILE.rejected.ndjson, with number, field and reason, and the exit code is 1.
    """
    if not is_id(node):
        raise Refused(f"--node is '{node}' and must be 1 to 128 of letters, digits and _ . : -.", MISUSED)
    loaded, _ = settings_of_running(data)
    try:
        results = asyncio.run(_backfill(loaded.settings, files, node, reason, dry_run=dry_run))
    except FileUnreadable as error:
        raise Refused(f"{error}.") from None
    if json:
        print_json({"dry_run": dry_run, "files": [_document(path, sent) for path, sent in results]})
    else:
        for path, sent in results:
            _tell(path, sent, dry_run=dry_run)
    if any(sent.rejected for _, sent in results):
        raise typer.Exit(FAILED)


async def _backfill(
    settings: Settings, files: list[Path], node: str, reason: str, *, dry_run: bool
) -> list[tuple[Path, Sent]]:
    directory = settings.data / "backfill"
    if dry_run:
        return [(path, await _sent(None, path, node, directory, None)) for path in files]
    results: list[tuple[Path, Sent]] = []
    seed = batch_signing_seed(settings.data / "secrets")
    async with accounts_of(settings) as accounts, queue_of(settings) as queue:
        for path in files:
            await _log(accounts, path, node, reason)
            results.append((path, await _sent(queue, path, node, directory, seed)))
    return results


async def _sent(queue: QueueClient | None, path: Path, node: str, directory: Path, seed: bytes | None) -> Sent:
    done = 0.0
    with progress_bar(f"{'Sending' if queue else 'Judging'} {path.name}", PERCENT, "%") as bar:

        def advance(progress: float) -> None:
            nonlocal done
            bar.advance((progress - done) * PERCENT)
            done = progress

        now_us = microseconds_of(now_utc())
        sending = Backfill(queue, node, directory, now_us, monotonic_seconds, advance, seed=seed)
        return await sending.send(path)


async def _log(accounts: AccountsClient, path: Path, node: str, reason: str) -> None:
    """Say what is about to be done; a run that is taken up again says the same, once."""
    sha256 = await asyncio.to_thread(sha256_of, path)
    await accounts.record_activity(
        id_=f"{ACTION}:{digest_of(sha256, node, reason, path.name)}",
        actor_id=OPERATOR,
        action=ACTION,
        subject=f"file:{sha256}",
        reason=reason,
        after={"file": path.name, "node_id": node},
    )


def _document(path: Path, sent: Sent) -> dict[str, Any]:
    rejected = str(rejected_path(path)) if sent.rejected else None
    return {"file": str(path), **asdict(sent), "rejected_file": rejected}


def _tell(path: Path, sent: Sent, *, dry_run: bool) -> None:
    before = sent.accepted - sent.sent
    known = f" [quiet]({before:,} of them were confirmed before)[/]" if before and not dry_run else ""
    verb = "are valid" if dry_run else "accepted"
    out.print(f"[good]✓[/] {path.name}: [name]{sent.accepted:,}[/] events {verb}{known}", soft_wrap=True)
    if sent.rejected:
        where = rejected_path(path)
        lines = "line is" if sent.rejected == 1 else "lines are"
        out.print(f"[bad]✗[/] [name]{sent.rejected:,}[/] {lines} not valid: see {where}", soft_wrap=True)
