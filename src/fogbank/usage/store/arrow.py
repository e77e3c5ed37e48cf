"""Arrow: how columns reach the engine."""

from collections.abc import Iterator, Sequence
from typing import IO

import pyarrow as pa

BATCHES_JOINED = 16
"""Messages that become one record batch: the engine likes few and big ones, the memory likes to be used again."""

# Arrow's own allocator gives memory back at once and asks for it again: a tenth of what ingestion costs.
pa.set_memory_pool(pa.system_memory_pool())


def write_stream(batches: Sequence[pa.RecordBatch], file: IO[bytes]) -> None:
    """Write record batches of one schema, at least one, as an Arrow IPC stream."""
    with pa.ipc.new_stream(file, batches[0].schema) as writer:
        for batch in _joined(batches):
            writer.write_batch(batch)


def _joined(batches: Sequence[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    for first in range(0, len(batches), BATCHES_JOINED):
        yield from pa.Table.from_batches(batches[first : first + BATCHES_JOINED]).combine_chunks().to_batches()
