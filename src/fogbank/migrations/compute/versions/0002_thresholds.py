"""Thresholds, where each stands for each thing it watches, and the signals that tell of its crossings."""

from fogbank.migrations import run_sql

revision = "0002"
down_revision = "0001"

TABLES = """
CREATE TABLE compute.thresholds (
    id text PRIMARY KEY,
    account_id text NOT NULL,
    subject_kind text NOT NULL CHECK (subject_kind IN ('instance', 'user', 'organization', 'everybody')),
    subject_id text NOT NULL,
    resource_type text NOT NULL,
    threshold_type text NOT NULL,
    value_micros bigint NOT NULL,
    units text NOT NULL,
    action text NOT NULL,
    channels text[] NOT NULL,
    name text NOT NULL,
    hysteresis_percent integer NOT NULL CHECK (hysteresis_percent BETWEEN 0 AND 50),
    cooling_seconds integer NOT NULL CHECK (cooling_seconds >= 0),
    is_administrators boolean NOT NULL,
    revision integer NOT NULL CHECK (revision > 0),
    created_by text NOT NULL,
    created_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL
);
CREATE INDEX thresholds_account ON compute.thresholds (account_id, id);

-- Counts every change of any threshold: who holds them in memory reads them anew when it has moved.
CREATE TABLE compute.threshold_changes (
    is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
    change bigint NOT NULL
);
INSERT INTO compute.threshold_changes (change) VALUES (0);

CREATE TABLE compute.threshold_states (
    threshold_id text NOT NULL REFERENCES compute.thresholds ON DELETE CASCADE,
    subject text NOT NULL,
    account_id text NOT NULL,
    user_id text NOT NULL,
    org_id text NOT NULL,
    instance_id text NOT NULL,
    node_id text NOT NULL,
    is_firing boolean NOT NULL,
    changed_at timestamptz NOT NULL,
    crossings integer NOT NULL CHECK (crossings > 0),
    value text NOT NULL,
    seen_at timestamptz NOT NULL,
    PRIMARY KEY (threshold_id, subject)
) WITH (fillfactor = 80);
CREATE INDEX threshold_states_firing ON compute.threshold_states (account_id) WHERE is_firing;

-- Crossings that have no signal of their own, until their minute is over and one signal tells of them all.
CREATE TABLE compute.threshold_summaries (
    threshold_id text NOT NULL REFERENCES compute.thresholds ON DELETE CASCADE,
    account_id text NOT NULL,
    type text NOT NULL,
    minute_at timestamptz NOT NULL,
    more integer NOT NULL CHECK (more > 0),
    PRIMARY KEY (threshold_id, account_id, type, minute_at)
);

CREATE TABLE compute.threshold_signals (
    id text PRIMARY KEY,
    type text NOT NULL,
    account_id text NOT NULL,
    occurred_at timestamptz NOT NULL,
    data jsonb NOT NULL,
    sent_at timestamptz
);
CREATE INDEX threshold_signals_unsent ON compute.threshold_signals (occurred_at, id) WHERE sent_at IS NULL;
CREATE INDEX threshold_signals_sent ON compute.threshold_signals (sent_at) WHERE sent_at IS NOT NULL;
"""


def upgrade() -> None:
    run_sql(TABLES)
