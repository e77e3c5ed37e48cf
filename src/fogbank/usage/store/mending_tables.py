"""The tables of mending: what was corrected, which batches came, which readings lost, what is read again.

Contents are written as columns and an array of metrics, in the order of `schema.METRICS`.
"""

_DURABLE = "SETTINGS fsync_after_insert = 1, fsync_part_directory = 1"
_CONTENT = "length_us UInt32, org_id String, user_id String, metrics Array(Int64)"

CREATE_CORRECTIONS = f"""
    CREATE TABLE IF NOT EXISTS usage_corrections (
        instance_id String, period_start_us Int64, revision UInt64, {_CONTENT},
        key String, asked String, actor_id String, reason String, at_us Int64, applied UInt8
    )
    ENGINE = ReplacingMergeTree(applied)
    ORDER BY (instance_id, period_start_us, revision)
    {_DURABLE}
"""

# What a corrected reading said when it was accepted: later copies of it are compared with this, not the correction.
CREATE_ORIGINALS = f"""
    CREATE TABLE IF NOT EXISTS usage_originals (
        instance_id String, period_start_us Int64, {_CONTENT},
        node_id String, stream_sequence UInt64, ordinal UInt16
    )
    ENGINE = ReplacingMergeTree
    ORDER BY (intDiv(period_start_us, 300000000), instance_id, period_start_us)
    {_DURABLE}
"""

# One row per window and run of messages that were stored together (`mending.model.Run`). Kept a day longer than the
# queue keeps messages: what cannot be decoded again need not be found.
CREATE_BATCHES = f"""
    CREATE TABLE IF NOT EXISTS ingested_batches (
        start_us Int64, first_sequence UInt64, last_sequence UInt64, events Int64 CODEC(T64, LZ4),
        superseded Int64, revision UInt64, at DateTime('UTC') DEFAULT now() CODEC(Delta, LZ4)
    )
    ENGINE = ReplacingMergeTree(revision)
    PARTITION BY toYYYYMMDD(at)
    ORDER BY (start_us, first_sequence, last_sequence)
    TTL at + INTERVAL 8 DAY
    {_DURABLE}, ttl_only_drop_parts = 1
"""

CREATE_CONFLICTS = f"""
    CREATE TABLE IF NOT EXISTS usage_conflicts (
        instance_id String, period_start_us Int64, stream_sequence UInt64, ordinal UInt16, node_id String, {_CONTENT},
        won_stream_sequence UInt64, won_ordinal UInt16, won_node_id String,
        won_length_us UInt32, won_org_id String, won_user_id String, won_metrics Array(Int64), found_at_us Int64
    )
    ENGINE = ReplacingMergeTree
    ORDER BY (period_start_us, instance_id, stream_sequence, ordinal)
    {_DURABLE}
"""

CREATE_QUARANTINE_DECISIONS = f"""
    CREATE TABLE IF NOT EXISTS quarantine_decisions (
        entry UInt64, received_us Int64, state LowCardinality(String), payload_sha256 String, stream_sequence UInt64,
        actor_id String, reason String, at_us Int64
    )
    ENGINE = ReplacingMergeTree(at_us)
    ORDER BY (entry, received_us)
    {_DURABLE}
"""

CREATE_REPLAYS = f"""
    CREATE TABLE IF NOT EXISTS usage_replays (
        id String, asked String, first_sequence UInt64, last_sequence UInt64, next_sequence UInt64, messages UInt64,
        events UInt64, wrong UInt64, state LowCardinality(String), actor_id String, reason String, began_at_us Int64,
        changed_at_us Int64, revision UInt64
    )
    ENGINE = ReplacingMergeTree(revision)
    ORDER BY id
    {_DURABLE}
"""

TABLES = (
    CREATE_CORRECTIONS,
    CREATE_ORIGINALS,
    CREATE_BATCHES,
    CREATE_CONFLICTS,
    CREATE_QUARANTINE_DECISIONS,
    CREATE_REPLAYS,
)
