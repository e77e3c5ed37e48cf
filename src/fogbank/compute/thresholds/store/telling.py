"""SQL of what is told of crossings: signals until the queue has them, and counts of those that are told together."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import msgspec
from psycopg.types.json import Jsonb

from fogbank.compute.thresholds.rules.telling import Told
from fogbank.events.signals import Signal, SignalType
from fogbank.runtime.database import Connection

INSERT_SIGNALS_ONCE = """
    INSERT INTO compute.threshold_signals (id, type, account_id, occurred_at, data)
    SELECT * FROM unnest(
        %(id)s::text[], %(type)s::text[], %(account_id)s::text[], %(occurred_at)s::timestamptz[], %(data)s::jsonb[]
    )
    ON CONFLICT (id) DO NOTHING
"""

ADD_MORE = """
    INSERT INTO compute.threshold_summaries AS stored (threshold_id, account_id, type, minute_at, more)
    SELECT * FROM unnest(
        %(threshold_id)s::text[], %(account_id)s::text[], %(type)s::text[], %(minute_at)s::timestamptz[],
        %(more)s::integer[]
    )
    ON CONFLICT (threshold_id, account_id, type, minute_at) DO UPDATE SET more = stored.more + excluded.more
"""

TAKE_SUMMARIES = """
    DELETE FROM compute.threshold_summaries WHERE minute_at < %(minute_at)s
    RETURNING threshold_id, account_id, type, minute_at, more
"""

SELECT_UNSENT = """
    SELECT id, type, account_id, occurred_at, data FROM compute.threshold_signals
    WHERE sent_at IS NULL ORDER BY occurred_at, id LIMIT %(limit)s
"""

MARK_SENT = "UPDATE compute.threshold_signals SET sent_at = %(now)s WHERE id = ANY (%(ids)s)"

FORGET_SENT = "DELETE FROM compute.threshold_signals WHERE sent_at < %(before)s"


async def add_signals(tx: Connection, signals: Sequence[Signal]) -> None:
    """Keep signals to be sent, in the transaction of what they tell."""
    await tx.execute(
        INSERT_SIGNALS_ONCE,
        {
            "id": [each.id for each in signals],
            "type": [str(each.type) for each in signals],
            "account_id": [each.account_id for each in signals],
            "occurred_at": [each.occurred_at for each in signals],
            "data": [Jsonb(each.data) for each in signals],
        },
    )


async def add_more(tx: Connection, minute_at: datetime, more: Mapping[Told, int]) -> None:
    """Count crossings that will be told together, when `minute_at` is over."""
    told = list(more)
    await tx.execute(
        ADD_MORE,
        {
            "threshold_id": [each.threshold_id for each in told],
            "account_id": [each.account_id for each in told],
            "type": [str(each.type) for each in told],
            "minute_at": [minute_at for _ in told],
            "more": [more[each] for each in told],
        },
    )


async def take_summaries(tx: Connection, minute_at: datetime) -> list[tuple[Told, datetime, int]]:
    """The counts of all minutes before `minute_at`, which are then no longer kept."""
    rows = await (await tx.execute(TAKE_SUMMARIES, {"minute_at": minute_at})).fetchall()
    return [
        (Told(threshold_id, account_id, SignalType(type_)), at.astimezone(UTC), more)
        for threshold_id, account_id, type_, at, more in rows
    ]


async def unsent(tx: Connection, limit: int) -> list[Signal]:
    """Signals that the queue does not have yet, the oldest first."""
    rows = await (await tx.execute(SELECT_UNSENT, {"limit": limit})).fetchall()
    names = ("id", "type", "account_id", "occurred_at", "data")
    return [
        msgspec.convert(
            dict(zip(names, row, strict=True)) | {"occurred_at": row[3].astimezone(UTC).isoformat()}, Signal
        )
        for row in rows
    ]


async def mark_sent(tx: Connection, ids: Sequence[str], now: datetime) -> None:
    await tx.execute(MARK_SENT, {"ids": list(ids), "now": now})


async def forget_sent(tx: Connection, before: datetime) -> None:
    """Forget signals that were sent before `before`."""
    await tx.execute(FORGET_SENT, {"before": before})
