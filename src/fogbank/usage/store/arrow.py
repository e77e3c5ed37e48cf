"""Arrow: how columns reach the engine."""

from collections.abc import Sequence

import pyarrow as pa


def stream_of(batches: Sequence[pa.RecordBatch]) -> pa.Buffer:
    """Record batches of one schema as an Arrow IPC stream of a single one: the engine likes few and big ones."""
    table = pa.Table.from_batches(batches).combine_chunks()
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue()
