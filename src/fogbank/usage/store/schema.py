"""The tables. Every one is replaced by its newest row per key, so writing anything twice is writing it once."""

from fogbank.kernel.meters import Meter
from fogbank.usage.store.history_schema import TABLES as HISTORY_TABLES
from fogbank.usage.store.mending_tables import TABLES as MENDING_TABLES
from fogbank.usage.store.retention_tables import TABLES as RETENTION_TABLES

METRICS = (
    "cpu_seconds",
    "cpu_percent_avg",
    "memory_gb",
    "memory_percent",
    "storage_gb",
    "network_egress_mb",
    "network_ingress_mb",
    "gpu_seconds",
)
METERS = tuple(meter.value for meter in Meter)
PERCENTAGES = ("cpu_percent_seconds", "memory_percent_seconds")
"""Percentages held over time: not billed, but averaged for people."""

EVENT_ALIASES = {
    "account_id": "String ALIAS if(org_id = '', user_id, org_id)",
    "revision": "UInt64 ALIAS bitShiftRight(version, 56)",
    "is_reported": "Bool ALIAS bitTest(bitNot(version), 55)",
    "stream_sequence": "UInt64 ALIAS bitShiftRight(bitAnd(bitNot(version), 0x7FFFFFFFFFFFFF), 16)",
    "ordinal": "UInt16 ALIAS bitAnd(bitNot(version), 0xFFFF)",
}
"""What a reading's row says without storing it."""

# The sort key must be a function of an event's identity, else one identity under two organisations would be two rows
# and billed twice (docs/decisions/0002). The window comes first because windows are what is recomputed. Merging all
# columns at once, and more parts in one go, costs a third of what the engine does by itself (docs/decisions/0005).
CREATE_EVENTS = f"""
    CREATE TABLE IF NOT EXISTS usage_events (
        instance_id String CODEC(ZSTD(1)),
        period_start_us Int64 CODEC(Delta, ZSTD(1)),
        length_us UInt32 CODEC(T64, LZ4),
        org_id LowCardinality(String),
        user_id LowCardinality(String),
        {", ".join(f"{metric} Int64 CODEC(T64, LZ4)" for metric in METRICS)},
        sequence Int64 CODEC(T64, LZ4),
        node_id LowCardinality(String),
        version UInt64 CODEC(Delta, LZ4),
        {", ".join(f"{name} {alias}" for name, alias in EVENT_ALIASES.items())}
    )
    ENGINE = ReplacingMergeTree(version)
    PARTITION BY toYYYYMMDD(fromUnixTimestamp64Micro(period_start_us, 'UTC'))
    ORDER BY (intDiv(period_start_us, 300000000), instance_id, period_start_us)
    SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_bytes_for_wide_part = 134217728,
             enable_vertical_merge_algorithm = 0, merge_selector_base = 20
"""

CREATE_MARKS = """
    CREATE TABLE IF NOT EXISTS rollup_marks (
        grain LowCardinality(String),
        start_us Int64,
        marked SimpleAggregateFunction(max, UInt64),
        rolled SimpleAggregateFunction(max, UInt64)
    )
    ENGINE = AggregatingMergeTree
    ORDER BY (grain, start_us)
    SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
"""

_SUMS = ", ".join(f"{name} Int128 CODEC(ZSTD(1))" for name in METERS)
_PERCENTAGES = ", ".join(f"{name} Int128 CODEC(ZSTD(1))" for name in PERCENTAGES)
_ROLLUP = "events UInt64 CODEC(T64, ZSTD(1)), revision UInt64 CODEC(Delta, ZSTD(1))"
_ROLLUP_ENGINE = "ENGINE = ReplacingMergeTree(revision)"
_DURABLE = "SETTINGS fsync_after_insert = 1, fsync_part_directory = 1"

CREATE_WINDOWS = f"""
    CREATE TABLE IF NOT EXISTS account_windows (
        start_us Int64, account_id String, user_id String, {_SUMS}, {_PERCENTAGES}, {_ROLLUP}
    )
    {_ROLLUP_ENGINE}
    PARTITION BY toYYYYMM(fromUnixTimestamp64Micro(start_us, 'UTC'))
    ORDER BY (start_us, account_id, user_id)
    {_DURABLE}
"""

CREATE_DAYS = f"""
    CREATE TABLE IF NOT EXISTS account_days (
        start_us Int64, account_id String, {_SUMS}, {_ROLLUP}
    )
    {_ROLLUP_ENGINE}
    PARTITION BY toYYYYMM(fromUnixTimestamp64Micro(start_us, 'UTC'))
    ORDER BY (account_id, start_us)
    {_DURABLE}
"""

BOUNDS = ("first_start_us", "last_end_us", "first_sequence", "last_sequence", "sequenced")
"""Of an hour's readings: where the first starts and the last ends, their sequences (-1: none), how many have one."""

CREATE_HOURS = f"""
    CREATE TABLE IF NOT EXISTS instance_hours (
        account_id String, instance_id String, start_us Int64, user_id String, node_id LowCardinality(String), {_SUMS},
        {_PERCENTAGES},
        {", ".join(f"{name} Int64 CODEC(Delta, ZSTD(1))" for name in BOUNDS)}, {_ROLLUP},
        INDEX by_instance instance_id TYPE bloom_filter(0.001) GRANULARITY 1,
        INDEX by_user user_id TYPE bloom_filter(0.01) GRANULARITY 1
    )
    {_ROLLUP_ENGINE}
    PARTITION BY toYYYYMM(fromUnixTimestamp64Micro(start_us, 'UTC'))
    ORDER BY (account_id, instance_id, start_us, user_id, node_id)
    {_DURABLE}
"""

CREATE_ACCOUNT_HOURS = f"""
    CREATE TABLE IF NOT EXISTS account_hours (
        account_id String, start_us Int64, {_SUMS}, {_PERCENTAGES}, {_ROLLUP}
    )
    {_ROLLUP_ENGINE}
    PARTITION BY toYYYYMM(fromUnixTimestamp64Micro(start_us, 'UTC'))
    ORDER BY (account_id, start_us)
    {_DURABLE}
"""

CREATE_USER_HOURS = f"""
    CREATE TABLE IF NOT EXISTS user_hours (
        account_id String, user_id String, start_us Int64, {_SUMS}, {_PERCENTAGES}, {_ROLLUP},
        INDEX by_user user_id TYPE bloom_filter(0.01) GRANULARITY 1
    )
    {_ROLLUP_ENGINE}
    PARTITION BY toYYYYMM(fromUnixTimestamp64Micro(start_us, 'UTC'))
    ORDER BY (account_id, user_id, start_us)
    {_DURABLE}
"""

TABLES = (
    *(CREATE_EVENTS, CREATE_MARKS, CREATE_WINDOWS, CREATE_DAYS, CREATE_HOURS, CREATE_ACCOUNT_HOURS, CREATE_USER_HOURS),
    *HISTORY_TABLES,
    *MENDING_TABLES,
    *RETENTION_TABLES,
)
