"""Positions in the ledger's time: at which instant, after which transfer, and which grants had expired by then. Pure.

A transfer stands at its sequence. A grant expires between two of them: after all that was posted before its instant.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

LAST_NUMBER = 2**63 - 1


class Position(NamedTuple):
    """After transfer `sequence`, at the instant `at`, when of the grants that expire then those up to `number` had.

    Positions compare as time does.
    """

    sequence: int
    at: datetime
    number: int


def just_before(sequence: int, at: datetime) -> Position:
    """Before anything happened at `at`; `sequence` is the last one posted before."""
    return Position(sequence, at, 0)


@dataclass(frozen=True, slots=True)
class AccountThen:
    """One ledger account of a payer, with the balance that it had at some position."""

    number: int
    kind: str
    name: str
    grant_kind: str | None
    priority: int | None
    expires_at: datetime | None
    balance_micros: int

    def is_active(self, position: Position) -> bool:
        """Whether it counts at `position`: all do, but grants that had expired."""
        return self.expires_at is None or (self.expires_at, self.number) > (position.at, position.number)


def worth_micros(accounts: Iterable[AccountThen], position: Position) -> int:
    """What a payer has at `position`, less what it owes: credit, active grants and arrears."""
    return sum(account.balance_micros for account in accounts if account.is_active(position))


def sum_of_kind(accounts: Iterable[AccountThen], kind: str, position: Position) -> int:
    """The same of its accounts of one kind."""
    return sum(account.balance_micros for account in accounts if account.kind == kind and account.is_active(position))
