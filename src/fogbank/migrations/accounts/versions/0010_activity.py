"""What the activity log says besides: whose matter an act is, who acted, from where, and how the entry is hashed."""

from fogbank.migrations import run_sql
from fogbank.migrations.roles import TENANTS

revision = "0010"
down_revision = "0009"

# What is in the log already keeps its format, so its hashes hold; a new column's constant default writes no row.
COLUMNS = """
ALTER TABLE accounts.activity
    ADD COLUMN format smallint NOT NULL DEFAULT 1 CHECK (format IN (1, 2)),
    ADD COLUMN account_id text NOT NULL DEFAULT '',
    ADD COLUMN actor_kind text NOT NULL DEFAULT ''
        CHECK (actor_kind IN ('', 'user', 'administrator', 'machine', 'service', 'nobody', 'system')),
    ADD COLUMN address text NOT NULL DEFAULT '',
    ADD COLUMN agent text NOT NULL DEFAULT '',
    ADD COLUMN credential_id text NOT NULL DEFAULT '',
    ADD COLUMN request_id text NOT NULL DEFAULT '';
CREATE INDEX activity_account ON accounts.activity (account_id, number);
CREATE INDEX activity_address ON accounts.activity (address, number);
CREATE INDEX activity_at ON accounts.activity (at);
"""

SEEN_BY_TENANT = f"""
CREATE POLICY tenant ON accounts.activity FOR SELECT TO fogbank_tenant USING (account_id = ANY ({TENANTS}));
GRANT SELECT ON accounts.activity TO fogbank_tenant;
"""


def upgrade() -> None:
    run_sql(COLUMNS)
    run_sql(SEEN_BY_TENANT)
