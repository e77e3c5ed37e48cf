"""Messages of accounts to one address: sealed until they are sent, and empty from then on."""

from fogbank.migrations import run_sql
from fogbank.migrations.roles import guard

revision = "0004"
down_revision = "0003"

TABLES = """
CREATE TABLE notifications.messages (
    id text PRIMARY KEY,
    kind text NOT NULL,
    state text NOT NULL CHECK (state IN ('queued', 'sent', 'failed')),
    key_id text,
    sealed bytea,
    created_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    attempts integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    detail text NOT NULL DEFAULT '',
    ended_at timestamptz,
    CHECK ((state = 'queued') = (ended_at IS NULL)),
    CHECK ((state = 'queued') = (sealed IS NOT NULL)),
    CHECK ((sealed IS NULL) = (key_id IS NULL))
);
CREATE INDEX messages_due ON notifications.messages (due_at) WHERE state = 'queued';
CREATE INDEX messages_created ON notifications.messages (created_at);
"""


def upgrade() -> None:
    run_sql(TABLES)
    guard("notifications.messages")
