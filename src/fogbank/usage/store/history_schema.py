"""History's own tables: what is known to be missing, and in which tier an instance was when."""

# A gap is its payer's whose instance was read last before it. One that closed stays as a row without length.
CREATE_GAPS = """
    CREATE TABLE IF NOT EXISTS usage_gaps (
        account_id String, instance_id String, start_us Int64, end_us Int64, user_id String,
        node_id LowCardinality(String), readings_missing UInt64, revision UInt64,
        INDEX by_instance instance_id TYPE bloom_filter(0.001) GRANULARITY 1,
        INDEX by_user user_id TYPE bloom_filter(0.01) GRANULARITY 1
    )
    ENGINE = ReplacingMergeTree(revision)
    PARTITION BY toYYYYMM(fromUnixTimestamp64Micro(start_us, 'UTC'))
    ORDER BY (account_id, instance_id, start_us)
    SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
"""

CREATE_TIERS = """
    CREATE TABLE IF NOT EXISTS instance_tiers (
        instance_id String, since_us Int64, tier LowCardinality(String), change UInt64
    )
    ENGINE = ReplacingMergeTree(change)
    ORDER BY (instance_id, since_us)
    SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
"""

TABLES = (CREATE_GAPS, CREATE_TIERS)
