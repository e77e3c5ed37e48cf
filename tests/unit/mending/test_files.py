"""Files of events: whatever they are packed in, the same lines with the same numbers, in the same chunks."""

import gzip
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from fogbank.events.usage_event import UsageEvent, check, decode_event
from fogbank.kernel.periods import microseconds_of
from fogbank.usage.mending.backfill.files import CHUNK_LINES, COLUMNS, FileUnreadable, chunks_of, sha256_of
from fogbank.usage.mending.backfill.journal import Journal
from fogbank.usage.store.schema import METRICS

START = datetime(2026, 3, 2, 10, tzinfo=UTC)
NOW_US = microseconds_of(START + timedelta(days=1))
LINES = b"".join(b'{"number": %d}\n' % number if number % 5 else b"\n" for number in range(2_600))
EXPECTED = [(number + 1, b'{"number": %d}' % number) for number in range(2_600) if number % 5]


def lines_of(path: Path) -> list[tuple[int, bytes]]:
    chunks = list(chunks_of(path))
    assert [chunk.number for chunk in chunks] == list(range(len(chunks)))
    assert all(len(chunk.lines) == CHUNK_LINES for chunk in chunks[:-1])
    assert chunks[-1].progress == 1
    return [line for chunk in chunks for line in chunk.lines]


def test_lines_are_the_same_plain_and_packed_and_numbered_as_an_editor_does(tmp_path: Path) -> None:
    (tmp_path / "plain.ndjson").write_bytes(LINES)
    (tmp_path / "packed.ndjson.gz").write_bytes(gzip.compress(LINES))
    (tmp_path / "packed.ndjson.zst").write_bytes(zstandard.compress(LINES[:900]) + zstandard.compress(LINES[900:]))
    for path in sorted(tmp_path.iterdir()):
        assert lines_of(path) == EXPECTED, path.name


def test_a_last_line_needs_no_end(tmp_path: Path) -> None:
    path = tmp_path / "a.ndjson"
    path.write_bytes(b"{}\r\n{}")
    assert lines_of(path) == [(1, b"{}"), (2, b"{}")]


@pytest.mark.parametrize("name", ["a.ndjson.gz", "a.ndjson.zst", "a.parquet"])
def test_a_file_that_is_not_what_its_name_says_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"{}\n" * 100)
    with pytest.raises(FileUnreadable, match=name):
        list(chunks_of(tmp_path / name))


def test_a_file_that_breaks_off_in_the_middle_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.ndjson.gz"
    path.write_bytes(gzip.compress(LINES)[:-20])
    with pytest.raises(FileUnreadable):
        list(chunks_of(path))


def table(times: pa.DataType) -> pa.Table:
    count = 3
    starts = [START + timedelta(minutes=number) for number in range(count)]
    columns = {
        "instance_id": ["i-1"] * count,
        "user_id": ["u-1"] * count,
        "org_id": ["o-1", None, None],
        "period_start": pa.array(starts).cast(times),
        "period_end": pa.array([start + timedelta(seconds=30) for start in starts]).cast(times),
        "sequence": [7, None, 9],
        **{metric: [1.5, 2.0, 0.0] for metric in METRICS},
    }
    return pa.table(columns)


@pytest.mark.parametrize("times", [pa.timestamp("us", "UTC"), pa.timestamp("ns", "Europe/Berlin"), pa.timestamp("s")])
def test_rows_of_parquet_become_valid_events_whatever_their_times_are(tmp_path: Path, times: pa.DataType) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(table(times), path)
    events: list[UsageEvent] = [decode_event(line) for _, line in lines_of(path)]
    assert [check(event, NOW_US) for event in events] == [None] * 3
    assert [(event.org_id, event.sequence) for event in events] == [("o-1", 7), (None, None), (None, 9)]
    assert [event.period.start for event in events] == [f"2026-03-02T10:0{number}:00Z" for number in range(3)]
    assert msgspec.to_builtins(events[0].metrics) == dict.fromkeys(METRICS, 1.5)


def test_parquet_without_a_column_that_must_be_there_names_it(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(table(pa.timestamp("us", "UTC")).drop_columns(["period_end"]), path)
    with pytest.raises(FileUnreadable, match="lacks the columns period_end"):
        list(chunks_of(path))
    assert "period_end" in COLUMNS


def test_a_journal_forgets_only_the_line_that_a_kill_cut_short(tmp_path: Path) -> None:
    path = tmp_path / "journals" / "a"
    with Journal.open(path) as journal:
        for chunk in (0, 2, 11):
            journal.confirm(chunk)
    with path.open("a") as file:
        file.write("1")
    with Journal.open(path) as journal:
        assert journal.confirmed == {0, 2, 11}
        journal.confirm(5)
    with Journal.open(path) as journal:
        assert journal.confirmed == {0, 2, 5, 11}


def test_a_file_is_known_by_its_content(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(LINES)
    (tmp_path / "b").write_bytes(LINES)
    assert sha256_of(tmp_path / "a") == sha256_of(tmp_path / "b")
