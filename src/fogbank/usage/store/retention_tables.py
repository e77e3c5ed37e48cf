"""Retention's tables: what was decided, and how far it went."""

# The newest of what was set for a class and account holds. Days are -1 for ever, 0 as the default says.
CREATE_POLICIES = """
    CREATE TABLE IF NOT EXISTS retention_policies (
        data_class LowCardinality(String),
        account_id String,
        days Int32,
        set_by String,
        reason String,
        set_us Int64
    )
    ENGINE = ReplacingMergeTree(set_us)
    ORDER BY (data_class, account_id)
    SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
"""

# Floors rise and never fall, whatever is written: taken is from when on readings are taken, settled is what rollups
# are final below, and what may be dropped.
CREATE_FLOORS = """
    CREATE TABLE IF NOT EXISTS retention_floors (
        data_class LowCardinality(String),
        account_id String,
        taken_us SimpleAggregateFunction(max, Int64),
        settled_us SimpleAggregateFunction(max, Int64)
    )
    ENGINE = AggregatingMergeTree
    ORDER BY (data_class, account_id)
    SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
"""

TABLES = (CREATE_POLICIES, CREATE_FLOORS)
