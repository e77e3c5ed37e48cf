"""What accounts spend and have, asked of billing: many at once, and seldom."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import structlog

from fogbank.billing.client import CREDITS_MAX, CreditView
from fogbank.compute.thresholds.rules.values import Money
from fogbank.kernel.money import micros_from_credits
from fogbank.runtime.problems import Problem

ASK_EVERY_US = 30 * 1_000_000
ACCOUNTS_PER_ROUND = 500
"""More wait for the next round, those first that were asked about longest ago."""

_log = structlog.get_logger(__name__)


class Billing(Protocol):
    """Who knows what accounts spend and have."""

    async def credits(self, accounts: Sequence[str]) -> list[CreditView]:
        """Of at most `CREDITS_MAX` accounts."""
        ...


@dataclass(slots=True)
class Purses:
    """Asks about accounts in turn."""

    billing: Billing
    asked_us: int | None = None
    _turns: dict[str, int] = field(default_factory=dict)

    def is_due(self, now_us: int) -> bool:
        """Whether the last round is long enough ago; a clock that was set back does not stop the next one."""
        return self.asked_us is None or abs(now_us - self.asked_us) >= ASK_EVERY_US

    async def ask(self, accounts: Collection[str], now_us: int) -> dict[str, Money]:
        """The money of as many of these accounts as have their turn. None where billing does not answer."""
        self.asked_us = now_us
        self._turns = {account: self._turns.get(account, 0) for account in accounts}
        waiting = sorted(accounts, key=lambda account: (self._turns[account], account))[:ACCOUNTS_PER_ROUND]
        told: dict[str, Money] = {}
        try:
            for start in range(0, len(waiting), CREDITS_MAX):
                for view in await self.billing.credits(waiting[start : start + CREDITS_MAX]):
                    told[view.account_id] = money_of(view)
                    self._turns[view.account_id] = now_us
        except Problem as problem:
            _log.warning("money_not_told", reason=problem.detail, meanwhile="its thresholds stay as they are")
        return told


def money_of(view: CreditView) -> Money:
    """The view in micro-credits."""
    return Money(
        per_hour_micros=micros_from_credits(view.per_hour),
        month_to_date_micros=micros_from_credits(view.month_to_date),
        balance_micros=micros_from_credits(view.balance),
        runway_seconds=view.runway_seconds,
    )
