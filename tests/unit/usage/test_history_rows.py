"""Rows of a history: exact in every format, one a meter where asked, and nothing of what was not measured."""

import csv
import io
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fogbank.kernel.quantities import decimal_from_quantity
from fogbank.runtime.auth import Caller, CallerKind
from fogbank.usage.cursors import cursor_of
from fogbank.usage.history.asking import METERS, narrowed_to, place_of
from fogbank.usage.history.rows import UsedRow, history_row, sums_limit, used_rows
from fogbank.usage.history.tables import Drain, TableFormat, columns_of, table_writer
from fogbank.usage.model import HistoryQuery, Place, Visibility
from fogbank.usage.store.history import summed

HOUR_US = 3_600_000_000
CALLER = Caller("user_1", CallerKind.USER)
micros = st.integers(0, 10**30)


def query(*group_by: Any, meter: str = "", rows_max: int = 10, after: Place | None = None) -> HistoryQuery:
    return HistoryQuery(
        subject="organizations",
        subject_id="o-1",
        bounds=tuple(n * HOUR_US for n in range(4)),
        group_by=group_by,
        only=narrowed_to(instance_id="", user_id="", node_id="", tier="", meter=meter),
        visibility=Visibility(None, CALLER.id),
        rows_max=rows_max,
        after=after,
    )


def sums(asked: HistoryQuery, hour: int, value: int, *, events: int = 1, unmetered_us: int = 0) -> tuple[Any, ...]:
    """A row as the store gives it, each of its sums `value`."""
    return (hour * HOUR_US, "", "", "", "", *(value for _ in summed(asked.only)), events, unmetered_us)


def used(asked: HistoryQuery, *rows: tuple[Any, ...]) -> list[UsedRow]:
    return list(used_rows(asked, summed(asked.only), rows))


def test_what_was_not_measured_has_no_quantities_and_no_averages() -> None:
    asked = query()
    [row] = used(asked, sums(asked, 1, 0, events=0, unmetered_us=90_500_000))
    shown = history_row(asked, row)
    assert (shown.quantities, shown.averages, shown.events, shown.unmetered_seconds) == ({}, {}, 0, "90.5")
    assert [row.quantities for row in used(query("meter"), sums(asked, 1, 0, events=0))] == [{}] * len(METERS)


@pytest.mark.parametrize("meter", ["", "gpu_seconds", "instance_seconds,cpu_seconds"])
@given(rows_max=st.integers(1, 30))
def test_pages_by_meter_follow_each_other_without_gap_or_repeat(meter: str, rows_max: int) -> None:
    stored = [sums(query(), hour, 1_000_000) for hour in range(3)]
    names = summed(query().only)
    seen: list[Place] = []
    cursor: str | None = None
    while True:
        after = None if cursor is None else place_of(cursor)
        asked = query("meter", meter=meter, rows_max=rows_max, after=after)
        # As the store does: the place where the page before ended is read again, and what is before it is not.
        rest = [row for row in stored if after is None or row[:5] >= after[:5]][: sums_limit(asked)]
        rows = list(used_rows(asked, names, rest))
        seen += [row.place for row in rows[:rows_max]]
        if len(rows) <= rows_max:
            break
        cursor = cursor_of(seen[-1])
    chosen = [name for name in METERS if not meter or name in meter.split(",")]
    assert seen == [Place(hour * HOUR_US, meter=name) for hour in range(3) for name in chosen]


@pytest.mark.parametrize("table_format", ["csv", "arrow", "parquet"])
@given(pages=st.lists(st.lists(st.tuples(st.integers(0, 2), micros, st.integers(0, 3)), max_size=3), max_size=3))
def test_every_format_keeps_every_digit(table_format: TableFormat, pages: list[list[tuple[int, int, int]]]) -> None:
    asked = query(meter="cpu_seconds")
    rows = [used(asked, *[sums(asked, hour, value + 1, events=count) for hour, value, count in page]) for page in pages]
    drain = Drain()
    parts: list[bytes] = []
    with table_writer(table_format, columns_of(asked), drain) as write:
        for page in rows:
            write(page)
            parts.append(drain.take())
    content = io.BytesIO(b"".join([*parts, drain.take()]))
    expected = [
        decimal_from_quantity(row.quantities["cpu_seconds"]) if row.events else None for page in rows for row in page
    ]
    if table_format == "csv":
        lines = list(csv.DictReader(io.StringIO(content.read().decode(), newline="")))
        assert [Decimal(line["cpu_seconds"]) if line["cpu_seconds"] else None for line in lines] == expected
        return
    table = pq.read_table(content) if table_format == "parquet" else pa.ipc.open_stream(content).read_all()
    assert table.column("cpu_seconds").to_pylist() == expected
    assert table.schema.field("cpu_seconds").type == pa.decimal128(38, 6)
