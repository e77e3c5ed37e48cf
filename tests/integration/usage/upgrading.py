"""A process of its own, since one opens one store: makes a store as the first release did, and opens it twice today.

`upgrading.py DIRECTORY` prints, per opening, how many hours are dirty and what they hold when they are rolled up.
"""

import asyncio
import sys

import clickhouse_connect
import msgspec

from fogbank.runtime.clock import now_utc
from fogbank.usage.model import Grain
from fogbank.usage.rolling import Rolling
from fogbank.usage.stamps import Stamps
from fogbank.usage.store import marks
from fogbank.usage.store.engine import Engine
from fogbank.usage.store.schema import CREATE_HOURS, METERS, METRICS, PERCENTAGES, TABLES

OLD_ALIASES = """
    account_id String ALIAS if(org_id = '', user_id, org_id),
    revision UInt64 ALIAS bitShiftRight(version, 56),
    stream_sequence UInt64 ALIAS bitShiftRight(bitAnd(bitNot(version), 0xFFFFFFFFFFFFFF), 16),
    ordinal UInt16 ALIAS bitAnd(bitNot(version), 0xFFFF)
"""
OLD_EVENTS = f"""
    CREATE TABLE usage_events (
        instance_id String, period_start_us Int64, length_us UInt32, org_id LowCardinality(String),
        user_id LowCardinality(String), {", ".join(f"{metric} Int64" for metric in METRICS)}, sequence Int64,
        node_id LowCardinality(String), version UInt64, {OLD_ALIASES}
    )
    ENGINE = ReplacingMergeTree(version)
    PARTITION BY toYYYYMMDD(fromUnixTimestamp64Micro(period_start_us, 'UTC'))
    ORDER BY (intDiv(period_start_us, 300000000), instance_id, period_start_us)
"""
OLD_HOURS = f"""
    CREATE TABLE instance_hours (
        account_id String, instance_id String, start_us Int64, user_id String,
        {", ".join(f"{name} Int128" for name in (*METERS, *PERCENTAGES))}, events UInt64, revision UInt64
    )
    ENGINE = ReplacingMergeTree(revision)
    PARTITION BY toYYYYMM(fromUnixTimestamp64Micro(start_us, 'UTC'))
    ORDER BY (account_id, instance_id, start_us, user_id)
"""
READINGS = f"""
    INSERT INTO usage_events (instance_id, period_start_us, length_us, org_id, user_id, {", ".join(METRICS)},
                              sequence, node_id, version)
    SELECT 'i-1', 1772409600000000 + number * 30000000, 30000000, 'org-1', 'user-1',
           {", ".join("1000000" for _ in METRICS)}, number, 'node-1', 1000000 - number
    FROM numbers(240)
"""
OLD_HOUR = "INSERT INTO instance_hours (account_id, instance_id, start_us, events) VALUES ('org-1', 'i-1', 0, 120)"
OTHERS = [table for table in TABLES if table != CREATE_HOURS and "usage_events" not in table]
HELD = "SELECT node_id, sum(events), sum(cpu_seconds) FROM instance_hours FINAL GROUP BY node_id"


def make_old(directory: str) -> None:
    """The tables of the first release, with readings whose hours were rolled up long ago."""
    client = clickhouse_connect.get_client(dsn=f"chdb://{directory}")
    for statement in (OLD_EVENTS, OLD_HOURS, *OTHERS, READINGS, OLD_HOUR):
        client.command(statement)
    client.close()


async def opened(directory: str) -> tuple[int, list[tuple[str, int, int]]]:
    """How many hours are dirty after opening, and what all hold by node when they are rolled up."""
    async with Engine.open(f"chdb://{directory}") as engine:
        dirty = await marks.dirty(engine, Grain.HOUR)
        await Rolling(engine, Stamps(now_utc, await marks.last_mark(engine)), now_utc, 1.0, 0).roll_up(quiet_us=0)
        await engine.rows("SELECT is_reported, stream_sequence FROM usage_events LIMIT 1")
        return len(dirty), [(str(node), int(events), int(cpu)) for node, events, cpu in await engine.rows(HELD)]


if __name__ == "__main__":
    make_old(sys.argv[1])
    print(msgspec.json.encode([asyncio.run(opened(sys.argv[1])) for _ in range(2)]).decode())  # noqa: T201
