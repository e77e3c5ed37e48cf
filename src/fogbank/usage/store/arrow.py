"""Arrow: how columns reach the engine."""

import io
from collections.abc import Generator, Iterator, Sequence

import pyarrow as pa

BATCHES_JOINED = 16
"""Messages that become one record batch: the engine likes few and big ones, the memory likes to be used again."""

# Arrow's own allocator gives memory back at once and asks for it again: a tenth of what ingestion costs.
pa.set_memory_pool(pa.system_memory_pool())


def stream_of(batches: Sequence[pa.RecordBatch]) -> Generator[bytes, None, None]:
    """Record batches of one schema, at least one, as the pieces of an Arrow IPC stream."""
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, batches[0].schema) as writer:
        for batch in _joined(batches):
            writer.write_batch(batch)
            yield _taken(sink)
    yield _taken(sink)


def _joined(batches: Sequence[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    for first in range(0, len(batches), BATCHES_JOINED):
        yield from pa.Table.from_batches(batches[first : first + BATCHES_JOINED]).combine_chunks().to_batches()


def _taken(sink: io.BytesIO) -> bytes:
    piece = sink.getvalue()
    sink.seek(0)
    sink.truncate()
    return piece
