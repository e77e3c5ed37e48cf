"""Answering with a history: as JSON a page, as a table the whole of it, streamed."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import datetime

import msgspec
from starlette.responses import Response, StreamingResponse

from fogbank.kernel.periods import instant_of
from fogbank.usage.client import History, Interval
from fogbank.usage.history.asking import MEDIA_TYPES
from fogbank.usage.history.rows import UsedRow
from fogbank.usage.history.tables import Drain, TableFormat, columns_of, table_writer
from fogbank.usage.model import HistoryQuery

EXTENSIONS: dict[TableFormat, str] = {"csv": "csv", "arrow": "arrows", "parquet": "parquet"}


def page_response(history: History) -> Response:
    """A page, as JSON."""
    return Response(msgspec.json.encode(history), media_type=MEDIA_TYPES["json"])


async def table_response(
    query: HistoryQuery, interval: Interval, table_format: TableFormat, pages: AsyncIterator[Sequence[UsedRow]]
) -> Response:
    """The whole of a history as a file. What is refused comes with the first page, so before the answer begins."""
    first = await anext(pages)
    return StreamingResponse(
        _parts(query, table_format, first, pages),
        media_type=MEDIA_TYPES[table_format],
        headers={"content-disposition": f'attachment; filename="{file_name(query, interval, table_format)}"'},
    )


def file_name(query: HistoryQuery, interval: Interval, table_format: TableFormat) -> str:
    """`usage_org_acme_day_20260301T000000Z_20260401T000000Z.csv`: what, by what, from when to when."""
    span = "_".join(_compact(instant_of(at_us)) for at_us in (query.span.start_us, query.span.end_us))
    # A colon may be in an id, and may not be in a file's name everywhere.
    return f"usage_{query.subject_id.replace(':', '-')}_{interval}_{span}.{EXTENSIONS[table_format]}"


def _compact(instant: datetime) -> str:
    return f"{instant:%Y%m%dT%H%M%SZ}"


async def _parts(
    query: HistoryQuery,
    table_format: TableFormat,
    first: Sequence[UsedRow],
    rest: AsyncIterator[Sequence[UsedRow]],
) -> AsyncIterator[bytes]:
    drain = Drain()
    with table_writer(table_format, columns_of(query), drain) as write:
        await asyncio.to_thread(write, first)
        yield drain.take()
        async for page in rest:
            await asyncio.to_thread(write, page)
            yield drain.take()
    yield drain.take()
