"""Webhooks, their secrets, what was sent to them and what came back."""

from fogbank.migrations import run_sql

revision = "0002"
down_revision = "0001"

WEBHOOKS = """
CREATE TABLE notifications.webhooks (
    id text PRIMARY KEY,
    user_id text,
    org_id text,
    account_id text NOT NULL GENERATED ALWAYS AS (coalesce(org_id, user_id)) STORED,
    instance_id text,
    url text NOT NULL,
    description text NOT NULL,
    event_types text[] NOT NULL CHECK (cardinality(event_types) > 0),
    created_by text NOT NULL,
    created_at timestamptz NOT NULL,
    creation_key text,
    disabled_because text CHECK (disabled_because IN ('asked', 'gone', 'failing')),
    disabled_at timestamptz,
    is_owner_told boolean NOT NULL DEFAULT false,
    failing_since timestamptz,
    succeeded_at timestamptz,
    CHECK (num_nonnulls(user_id, org_id) = 1),
    CHECK ((disabled_because IS NULL) = (disabled_at IS NULL)),
    UNIQUE (account_id, creation_key)
);
CREATE INDEX webhooks_account ON notifications.webhooks (account_id, id);
CREATE INDEX webhooks_untold ON notifications.webhooks (id)
    WHERE disabled_because IN ('gone', 'failing') AND NOT is_owner_told;
"""

# Two secrets hold while one replaces the other. Only the one that has no end is the webhook's present one.
SECRETS = """
CREATE TABLE notifications.webhook_secrets (
    webhook_id text NOT NULL REFERENCES notifications.webhooks ON DELETE CASCADE,
    number integer NOT NULL CHECK (number > 0),
    key_id text NOT NULL,
    sealed bytea NOT NULL,
    ends_at timestamptz,
    PRIMARY KEY (webhook_id, number)
);
CREATE UNIQUE INDEX webhook_secrets_present ON notifications.webhook_secrets (webhook_id) WHERE ends_at IS NULL;
"""

# `attempts` counts all that were begun, `tries` those since the delivery was last asked for. Who takes a delivery moves
# `due_at` on by more than an attempt can last: should the taker die, it is due again.
DELIVERIES = """
CREATE TABLE notifications.webhook_deliveries (
    number bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    id text PRIMARY KEY,
    webhook_id text NOT NULL REFERENCES notifications.webhooks ON DELETE CASCADE,
    event_type text NOT NULL,
    event_id text NOT NULL,
    payload text,
    state text NOT NULL CHECK (state IN ('pending', 'delivered', 'failed', 'dropped')),
    attempts integer NOT NULL DEFAULT 0,
    tries integer NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    ended_at timestamptz,
    UNIQUE (webhook_id, event_id),
    CHECK ((state = 'pending') = (ended_at IS NULL)),
    CHECK (state <> 'pending' OR payload IS NOT NULL)
);
CREATE INDEX webhook_deliveries_due ON notifications.webhook_deliveries (due_at, webhook_id) WHERE state = 'pending';
CREATE INDEX webhook_deliveries_pending ON notifications.webhook_deliveries (webhook_id, due_at)
    WHERE state = 'pending';
CREATE INDEX webhook_deliveries_log ON notifications.webhook_deliveries (webhook_id, number);
CREATE INDEX webhook_deliveries_ended ON notifications.webhook_deliveries (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX webhook_deliveries_metrics ON notifications.webhook_deliveries (ended_at) WHERE event_type = 'metrics';

CREATE TABLE notifications.webhook_attempts (
    delivery_id text NOT NULL REFERENCES notifications.webhook_deliveries ON DELETE CASCADE,
    number integer NOT NULL CHECK (number > 0),
    started_at timestamptz NOT NULL,
    duration_ms integer,
    status integer,
    detail text NOT NULL DEFAULT '',
    answer text NOT NULL DEFAULT '',
    PRIMARY KEY (delivery_id, number)
);
"""


def upgrade() -> None:
    run_sql(WEBHOOKS)
    run_sql(SECRETS)
    run_sql(DELIVERIES)
