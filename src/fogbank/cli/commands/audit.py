"""`fogbank audit`: readings = usage = charges = ledger, to the last unit, or exit code 1."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from typing import Annotated, Any

import httpx
import typer
from rich.table import Table

from fogbank.accounts.client import AccountsClient, ServiceToken
from fogbank.accounts.ledger.client import LedgerClient
from fogbank.audit.model import Report
from fogbank.audit.service import AuditService
from fogbank.billing.client import BillingClient
from fogbank.cli.options import DataOption, JsonOption, settings_of_running
from fogbank.cli.terminal import FAILED, err, out, print_json
from fogbank.runtime.client import ServiceHttp
from fogbank.runtime.clock import monotonic_seconds, now_utc
from fogbank.runtime.secret_files import service_secret
from fogbank.runtime.settings import Settings
from fogbank.usage.client import UsageClient

AUDITOR = "audit"
"""The name by which the audit signs in to accounts."""
PATIENCE_SECONDS = 90.0
CONNECT_SECONDS = 5.0
ANSWER_SECONDS = 900.0
"""Figures are added up anew from the first reading on, which takes the time it takes."""

app = typer.Typer(add_completion=False)


@app.command(
    help="Prove that readings, usage, charges and ledger are equal to the last unit. Exits 1 when they are not."
)
def audit(
    *,
    wait: Annotated[
        float, typer.Option(help="How many seconds to wait for what is under way, or differs.", min=0)
    ] = PATIENCE_SECONDS,
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    loaded, _ = settings_of_running(data)
    report = asyncio.run(_audit(loaded.settings, wait))
    if json:
        print_json(document_of(report))
    else:
        show_report(report)
    if not report.ok:
        sys.exit(FAILED)


async def _audit(settings: Settings, patience_seconds: float) -> Report:
    with err.status("Adding everything up anew", spinner="dots") as status:
        async with auditor(settings) as service:
            return await service.audit(patience_seconds, lambda words: status.update(f"Waiting: {words}"))


@asynccontextmanager
async def auditor(settings: Settings) -> AsyncIterator[AuditService]:
    """An auditor of the running system that the settings describe."""
    timeout = httpx.Timeout(ANSWER_SECONDS, connect=CONNECT_SECONDS)
    async with (
        httpx.AsyncClient(base_url=settings.services.url, timeout=timeout) as services,
        httpx.AsyncClient(base_url=settings.usage.url, timeout=timeout) as usage,
    ):
        token = ServiceToken(services, AUDITOR, service_secret(settings.data / "secrets", AUDITOR), now_utc)
        yield AuditService(
            usage=UsageClient(ServiceHttp(usage, token)),
            billing=BillingClient(ServiceHttp(services, token)),
            ledger=LedgerClient(ServiceHttp(services, token)),
            accounts=AccountsClient(ServiceHttp(services, token)),
            monotonic=monotonic_seconds,
        )


def document_of(report: Report) -> dict[str, Any]:
    """The report for scripts."""
    return {"ok": report.ok, "unrest": report.unrest, "checks": [asdict(check) for check in report.checks]}


def show_report(report: Report) -> None:
    """The report for people: every comparison, then one sentence."""
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(width=1)
    table.add_column(no_wrap=True)
    table.add_column(justify="right", no_wrap=True)
    table.add_column(justify="right", no_wrap=True)
    table.add_column(style="worry", overflow="fold")
    for check in report.checks:
        table.add_row("[good]✓[/]" if check.ok else "[bad]✗[/]", check.name, check.left, check.right, check.detail)
    out.print(table)
    out.print()
    if report.unrest and not report.ok:
        out.print(f"[worry]Not at rest:[/] {report.unrest}. Wait longer with --wait, or when less comes in.")
    out.print(_verdict(report))


def _verdict(report: Report) -> str:
    if report.ok:
        return "[good]All equal, to the last unit.[/]"
    different = sum(not check.ok for check in report.checks)
    return f"[bad]{different} of {len(report.checks)} comparisons differ.[/]"
