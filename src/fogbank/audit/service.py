"""Auditing: collects the figures, compares them, and waits for what is under way before it calls anything different."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from fogbank.accounts.client import AccountsClient
from fogbank.accounts.ledger.client import LedgerClient
from fogbank.audit.model import Report
from fogbank.audit.rules import activity_checks, billing_checks, ledger_checks, unrest, usage_checks
from fogbank.billing.client import BillingClient
from fogbank.runtime.clock import MonotonicClock
from fogbank.runtime.problems import Problem
from fogbank.usage.client import UsageClient

CHARGES = "charge:"
"""How the ids of billing's charges begin, as opposed to what is taken by hand."""
PAUSE_SECONDS_MIN = 0.5
PAUSE_SECONDS_MAX = 8.0
SERVER_ERRORS = 500


@dataclass(frozen=True, slots=True)
class AuditService:
    """Audits a system through its components' clients."""

    usage: UsageClient
    billing: BillingClient
    ledger: LedgerClient
    accounts: AccountsClient
    monotonic: MonotonicClock

    async def audit(self, patience_seconds: float, on_waiting: Callable[[str], None]) -> Report:
        """Compare everything. What differs is looked at again until the patience is over.

        Readings become charges within moments, and those of a live system never cease, so one look may catch one in
        between; what differs for longer than that is wrong. A service that is away is waited for as well, and its
        `Problem` raised at the end. `on_waiting` is told in words what is waited for.
        """
        gives_up_at = self.monotonic() + patience_seconds
        pause_seconds = PAUSE_SECONDS_MIN
        while True:
            is_last = self.monotonic() + pause_seconds > gives_up_at
            report, words = await self._try(is_last=is_last)
            if report is not None and (is_last or not words):
                return report
            on_waiting(words)
            await asyncio.sleep(pause_seconds)
            pause_seconds = min(pause_seconds * 2, PAUSE_SECONDS_MAX)

    async def _try(self, *, is_last: bool) -> tuple[Report | None, str]:
        """A report, and what to wait for, if anything; no report where a service is away and may come back."""
        try:
            report = await self._look()
        except Problem as problem:
            if is_last or problem.status < SERVER_ERRORS:
                raise
            return None, problem.detail
        return report, "" if report.ok else report.unrest or _differing(report)

    async def _look(self) -> Report:
        before = await self.billing.figures()
        usage = await self.usage.figures()
        billing = await self.billing.figures()
        ledger = await self.ledger.figures(CHARGES)
        activity = await self.accounts.activity_chain()
        checks = (
            *usage_checks(usage),
            *billing_checks(usage, billing),
            *ledger_checks(billing, ledger),
            *activity_checks(activity),
        )
        return Report(checks, unrest(usage, before, billing))


def _differing(report: Report) -> str:
    return ", ".join(check.name for check in report.checks if not check.ok)
