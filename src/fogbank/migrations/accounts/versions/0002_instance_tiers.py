"""Resource tiers of instances: the one that holds, and since when each did."""

from fogbank.migrations import run_sql

revision = "0002"
down_revision = "0001"

TABLES = """
ALTER TABLE accounts.instances ADD COLUMN tier text NOT NULL DEFAULT 'standard';

-- Every change, numbered in the order in which they were made: who follows them asks for those after a number.
CREATE TABLE accounts.instance_tiers (
    change bigint PRIMARY KEY,
    instance_id text NOT NULL REFERENCES accounts.instances,
    tier text NOT NULL,
    since timestamptz NOT NULL
);
CREATE INDEX instance_tiers_instance ON accounts.instance_tiers (instance_id, since);
"""


def upgrade() -> None:
    run_sql(TABLES)
