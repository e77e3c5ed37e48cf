"""Files of events: NDJSON, plain or packed with gzip or zstd, and Parquet with the columns named here.

Both become numbered lines of JSON, in chunks that are the same each time the file is read.
"""

import gzip
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import file_digest
from itertools import islice
from pathlib import Path
from typing import IO, Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import zstandard

from fogbank.usage.store.schema import METRICS

CHUNK_LINES = 1_000
LINE_BYTES_MAX = 1024 * 1024

COLUMNS = ("instance_id", "user_id", "period_start", "period_end", *METRICS)
"""What a Parquet file must have: text, metrics as numbers, times as timestamps, RFC 3339 text or Unix seconds."""
OPTIONAL_COLUMNS = ("org_id", "timestamp", "sequence", "node_id")


class FileUnreadable(ValueError):
    """A file that cannot be read as events; the text says why."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some lines of a file with their numbers, which count from 1, and how far into the file they reach, 0 to 1."""

    number: int
    lines: list[tuple[int, bytes]]
    progress: float


def sha256_of(path: Path) -> str:
    """The file's hash, by which it is known whatever it is called."""
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def chunks_of(path: Path) -> Iterator[Chunk]:
    """The file's lines in order, without blank ones; `FileUnreadable` where it is broken or not what its name says."""
    try:
        yield from _parquet(path) if path.suffix == ".parquet" else _ndjson(path)
    except (EOFError, gzip.BadGzipFile, zstandard.ZstdError, pa.ArrowInvalid) as error:
        raise FileUnreadable(f"{path} cannot be read: {error}") from error


def _ndjson(path: Path) -> Iterator[Chunk]:
    size = max(path.stat().st_size, 1)
    with path.open("rb") as raw, _unpacked(path, raw) as text:
        numbered = ((number, line.strip()) for number, line in enumerate(_lines(path, text), 1))
        lines = (each for each in numbered if each[1])
        for number, chunk in enumerate(iter(lambda: list(islice(lines, CHUNK_LINES)), [])):
            yield Chunk(number, chunk, raw.tell() / size)


def _lines(path: Path, text: IO[bytes]) -> Iterator[bytes]:
    while line := text.readline(LINE_BYTES_MAX + 1):
        if len(line) > LINE_BYTES_MAX:
            raise FileUnreadable(f"{path} has a line of more than {LINE_BYTES_MAX} bytes: it is no NDJSON of events")
        yield line


def _unpacked(path: Path, raw: IO[bytes]) -> IO[bytes]:
    if path.suffix == ".gz":
        return io.BufferedReader(gzip.GzipFile(fileobj=raw))
    if path.suffix == ".zst":
        return io.BufferedReader(zstandard.ZstdDecompressor().stream_reader(raw, read_across_frames=True))
    return raw


def _parquet(path: Path) -> Iterator[Chunk]:
    with pq.ParquetFile(path) as file:
        names = file.schema_arrow.names
        missing = [name for name in COLUMNS if name not in names]
        if missing:
            raise FileUnreadable(f"{path} lacks the columns {', '.join(missing)}")
        wanted = [*COLUMNS, *(name for name in OPTIONAL_COLUMNS if name in names)]
        rows, done = max(file.metadata.num_rows, 1), 0
        for number, batch in enumerate(file.iter_batches(CHUNK_LINES, columns=wanted)):
            lines = [(done + place, _event(row)) for place, row in enumerate(_in_utc(batch).to_pylist(), 1)]
            done += batch.num_rows
            yield Chunk(number, lines, done / rows)


def _in_utc(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Timestamps of any precision and zone as microseconds; those without a zone are UTC."""
    columns = [
        column.cast(pa.timestamp("us", column.type.tz), safe=False) if pa.types.is_timestamp(column.type) else column
        for column in batch.columns
    ]
    return pa.record_batch(columns, names=batch.schema.names)


def _event(row: dict[str, Any]) -> bytes:
    said = {name: _time(value) for name, value in row.items() if value is not None}
    event: dict[str, Any] = {
        "event_type": "resource_usage",
        "version": "1.0",
        "timestamp": said.get("timestamp", said.get("period_end")),
        **{name: said[name] for name in ("instance_id", "user_id", "org_id", "sequence", "node_id") if name in said},
        "metrics": {name: said[name] for name in METRICS if name in said},
        "period": {"start": said.get("period_start"), "end": said.get("period_end")},
    }
    return msgspec.json.encode(event)


def _time(value: Any) -> Any:
    if not isinstance(value, datetime):
        return value
    return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
