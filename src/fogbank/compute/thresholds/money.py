"""What accounts spend and have, asked of billing: many at once, and seldom."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Protocol

import structlog

from fogbank.billing.client import CREDITS_MAX, CreditView
from fogbank.compute.thresholds.rules.values import Money
from fogbank.kernel.money import micros_from_credits
from fogbank.runtime.problems import Problem

ASK_EVERY_US = 30 * 1_000_000
ACCOUNTS_PER_ROUND = 500
OTHERS_PER_ROUND_MIN = 100
"""However many accounts have thresholds of their own, so many of the others have their turn too."""

_log = structlog.get_logger(__name__)


class Billing(Protocol):
    """Who knows what accounts spend and have."""

    async def credits(self, accounts: Sequence[str]) -> list[CreditView]:
        """Of at most `CREDITS_MAX` accounts."""
        ...


@dataclass(slots=True)
class Rotation:
    """Accounts in the order of their turns: who was asked about waits behind all others."""

    _waiting: dict[str, None] = field(default_factory=dict)

    def next(self, accounts: Collection[str], most: int) -> list[str]:
        """The next of these accounts, at most so many."""
        for account in set(accounts) - self._waiting.keys():
            self._waiting[account] = None
        taken: list[str] = []
        for account in list(islice(self._waiting, most)):
            del self._waiting[account]
            if account in accounts:
                taken.append(account)
                self._waiting[account] = None
        return taken


@dataclass(slots=True)
class Purses:
    """Asks about accounts in turn; those that have thresholds of their own come first."""

    billing: Billing
    asked_us: int | None = None
    _own: Rotation = field(default_factory=Rotation)
    _others: Rotation = field(default_factory=Rotation)

    def is_due(self, now_us: int) -> bool:
        """Whether the last round is long enough ago; a clock that was set back does not stop the next one."""
        return self.asked_us is None or abs(now_us - self.asked_us) >= ASK_EVERY_US

    async def ask(self, own: Collection[str], others: Collection[str], now_us: int) -> dict[str, Money]:
        """The money of as many of these accounts as have their turn. None where billing does not answer."""
        self.asked_us = now_us
        first = self._own.next(own, ACCOUNTS_PER_ROUND - (OTHERS_PER_ROUND_MIN if others else 0))
        waiting = list(dict.fromkeys(first + self._others.next(others, ACCOUNTS_PER_ROUND - len(first))))
        told: dict[str, Money] = {}
        try:
            for start in range(0, len(waiting), CREDITS_MAX):
                for view in await self.billing.credits(waiting[start : start + CREDITS_MAX]):
                    told[view.account_id] = money_of(view)
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
