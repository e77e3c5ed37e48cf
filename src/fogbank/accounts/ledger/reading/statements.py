"""Statements: a period's opening balance, every line that changed it, and its closing balance, exactly."""

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from fogbank.accounts.ledger.client import LINES_MAX, KindSum, StatementLine, StatementView
from fogbank.accounts.ledger.reading import balance_store, statement_store
from fogbank.accounts.ledger.reading.positions import AccountThen, Position, just_before, sum_of_kind, worth_micros
from fogbank.accounts.ledger.reading.rendering import statement_line
from fogbank.accounts.ledger.reading.statement_store import Bounds, LineRow
from fogbank.kernel.money import credits_from_micros
from fogbank.kernel.periods import instant_of, microseconds_of
from fogbank.runtime.clock import Clock
from fogbank.runtime.csv_text import csv_text, safe_cell
from fogbank.runtime.database import Connection, Database

CSV_COLUMNS = ("at", "kind", "id", "change", "balance", "memo")


@dataclass(frozen=True, slots=True)
class Statements:
    """Statements of accounts, in one currency."""

    database: Database
    clock: Clock
    currency: str

    async def page(
        self,
        account_id: str,
        start: datetime,
        end: datetime,
        after: Position | None,
        limit: int,
        *,
        with_sums: bool = False,
    ) -> StatementView:
        """The statement from `start`, included, to `end`, excluded, or to now, with the lines after `after`.

        `with_sums` adds all lines of the period up by kind, whatever page it is; that reads each of them.
        """
        async with self.database.connection() as connection:
            bounds = await self._bounds(connection, start, end)
            opening = await balance_store.accounts_then(connection, account_id, bounds.opening.sequence)
            closing = await balance_store.accounts_then(connection, account_id, bounds.closing.sequence)
            rows = await statement_store.lines(connection, account_id, bounds, after or bounds.opening, limit)
            lines = await _with_balances(connection, account_id, after or bounds.opening, rows)
            sums = _sums(await statement_store.sums(connection, account_id, bounds)) if with_sums else None
        return StatementView(
            account_id=account_id,
            currency=self.currency,
            start=bounds.opening.at,
            end=bounds.closing.at,
            opening=credits_from_micros(worth_micros(opening, bounds.opening)),
            closing=credits_from_micros(worth_micros(closing, bounds.closing)),
            opening_arrears=_arrears(opening, bounds.opening),
            closing_arrears=_arrears(closing, bounds.closing),
            sums=sums,
            lines=lines,
            next_cursor=cursor_of(rows[-1].position) if len(rows) == limit else None,
        )

    async def as_csv(self, account_id: str, start: datetime, end: datetime) -> AsyncIterator[str]:
        """The whole statement as CSV (RFC 4180), part by part: the opening balance, every line, the closing balance."""
        async with self.database.connection() as connection:
            bounds = await self._bounds(connection, start, end)
            opening, closing = [
                worth_micros(await balance_store.accounts_then(connection, account_id, each.sequence), each)
                for each in bounds
            ]
        yield csv_text([CSV_COLUMNS, (start.isoformat(), "opening", "", "", credits_from_micros(opening), "")])
        after: Position | None = bounds.opening
        while after is not None:
            async with self.database.connection() as connection:
                rows = await statement_store.lines(connection, account_id, bounds, after, LINES_MAX)
                yield csv_text(map(_csv_row, await _with_balances(connection, account_id, after, rows)))
            after = rows[-1].position if len(rows) == LINES_MAX else None
        yield csv_text([(bounds.closing.at.isoformat(), "closing", "", "", credits_from_micros(closing), "")])

    async def _bounds(self, connection: Connection, start: datetime, end: datetime) -> Bounds:
        """From `start` to `end`, or to now where that is earlier: what is to come is on no statement."""
        until = max(start, min(end, self.clock()))
        first, last = await balance_store.sequences_before(connection, [start, until])
        return Bounds(just_before(first, start), just_before(last, until))


async def _with_balances(
    connection: Connection, account_id: str, after: Position, rows: Sequence[LineRow]
) -> list[StatementLine]:
    """The rows as lines, each with the balance after it."""
    accounts = await balance_store.accounts_then(connection, account_id, after.sequence)
    balance_micros = worth_micros(accounts, after)
    lines = list[StatementLine]()
    for row in rows:
        balance_micros += row.change_micros
        lines.append(statement_line(row, balance_micros))
    return lines


def _arrears(accounts: Sequence[AccountThen], position: Position) -> str:
    return credits_from_micros(-sum_of_kind(accounts, "arrears", position))


def _sums(rows: Iterable[tuple[str, int, int]]) -> list[KindSum]:
    return [KindSum(kind, count, credits_from_micros(change_micros)) for kind, count, change_micros in rows]


def cursor_of(position: Position) -> str:
    """A position as text: sequence, microseconds since 1970, number."""
    return f"{position.sequence}-{microseconds_of(position.at)}-{position.number}"


def position_of(cursor: str) -> Position:
    """The position that `cursor_of` wrote."""
    sequence, at_us, number = map(int, cursor.split("-"))
    return Position(sequence, instant_of(at_us), number)


def _csv_row(line: StatementLine) -> tuple[str, ...]:
    return line.at.isoformat(), line.kind, line.id, line.change, line.balance, safe_cell(line.memo)
