"""Histories as tables: CSV, an Arrow stream or Parquet, written page by page, every number exact.

Every column is a decimal, an instant in UTC, a count or an id. Nothing needs a guard against spreadsheets that take
text for a formula: an id has no letter but those of `kernel.ids`, which make none.
"""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal, assert_never

import pyarrow as pa
import pyarrow.parquet as pq

from fogbank.kernel.periods import instant_of
from fogbank.kernel.quantities import decimal_from_quantity, decimal_text
from fogbank.usage.history.rows import UsedRow
from fogbank.usage.model import HistoryQuery
from fogbank.usage.rules import AVERAGES

TableFormat = Literal["csv", "arrow", "parquet"]
WritePage = Callable[[Sequence[UsedRow]], None]

DECIMAL = pa.decimal128(38, 6)
INSTANT = pa.timestamp("us", tz="UTC")


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its type, and its value in a row; micro-units for decimals, microseconds for instants."""

    name: str
    type: pa.DataType
    value: Callable[[UsedRow], str | int | None]

    def text(self, row: UsedRow) -> str:
        """The value as CSV has it; nothing where it was not measured."""
        value = self.value(row)
        if value is None:
            return ""
        if self.type == DECIMAL:
            return decimal_text(int(value))
        return f"{instant_of(int(value)):%Y-%m-%dT%H:%M:%S}Z" if self.type == INSTANT else str(value)

    def array(self, rows: Sequence[UsedRow]) -> pa.Array:
        """The values as Arrow has them."""
        values = [self.value(row) for row in rows]
        if self.type == DECIMAL:
            return pa.array([_decimal(value) for value in values], self.type)
        return pa.array(values, self.type)


class Drain(io.RawIOBase):
    """A file that is written to and emptied in turn, so that a table of any length passes through little memory."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._length = 0

    def writable(self) -> bool:
        return True

    def write(self, part: Any, /) -> int:
        taken = bytes(part)
        self._parts.append(taken)
        self._length += len(taken)
        return len(taken)

    def tell(self) -> int:
        return self._length

    def take(self) -> bytes:
        """What was written since the last time."""
        parts, self._parts = self._parts, []
        return b"".join(parts)


def columns_of(query: HistoryQuery) -> list[Column]:
    """The columns of a history: when, of which group, how much of each meter, averages, and what is missing."""
    by_meter = "meter" in query.group_by
    return [
        Column("start", INSTANT, lambda row: row.place.start_us),
        Column("end", INSTANT, lambda row: row.end_us),
        *(Column(group, pa.string(), _group(group)) for group in query.group_by),
        *([Column("quantity", DECIMAL, lambda row: row.quantities.get(row.place.meter))] if by_meter else []),
        *(Column(meter, DECIMAL, _quantity(meter)) for meter in query.only.meters if not by_meter),
        *(Column(f"{name}_average", DECIMAL, _average(name)) for name in AVERAGES),
        Column("events", pa.int64(), lambda row: row.events),
        Column("unmetered_seconds", DECIMAL, lambda row: row.unmetered_us),
    ]


@contextmanager
def table_writer(table_format: TableFormat, columns: Sequence[Column], drain: Drain) -> Iterator[WritePage]:
    """What writes pages of rows into `drain`; the table is whole when this is left."""
    match table_format:
        case "csv":
            _write_lines(drain, [[column.name for column in columns]])
            yield lambda rows: _write_lines(drain, ([column.text(row) for column in columns] for row in rows))
        case "arrow":
            with pa.ipc.new_stream(drain, _schema(columns)) as stream:
                yield lambda rows: stream.write_batch(_batch(columns, rows))
        case "parquet":
            with pq.ParquetWriter(drain, _schema(columns), compression="zstd") as parquet:
                yield lambda rows: parquet.write_batch(_batch(columns, rows))
        case _:
            assert_never(table_format)


def _write_lines(drain: Drain, lines: Iterable[Iterable[str]]) -> None:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(lines)
    drain.write(text.getvalue().encode())


def _schema(columns: Sequence[Column]) -> pa.Schema:
    return pa.schema([(column.name, column.type) for column in columns])


def _batch(columns: Sequence[Column], rows: Sequence[UsedRow]) -> pa.RecordBatch:
    return pa.record_batch([column.array(rows) for column in columns], schema=_schema(columns))


def _decimal(micros: str | int | None) -> Decimal | None:
    return None if micros is None else decimal_from_quantity(int(micros))


def _group(name: str) -> Callable[[UsedRow], str]:
    def value(row: UsedRow) -> str:
        group: str = getattr(row.place, name)
        return group

    return value


def _quantity(meter: str) -> Callable[[UsedRow], int | None]:
    return lambda row: row.quantities.get(meter)


def _average(name: str) -> Callable[[UsedRow], int | None]:
    return lambda row: row.averages.get(name)
