"""Idempotency keys: what was asked under each, and what was answered; sealed, since answers may hold secrets."""

from fogbank.migrations import run_sql
from fogbank.migrations.roles import PERSON, guard, open_schema

revision = "0001"
down_revision = None

# `id` is the SHA-256 of caller, method, path and key; `claim` names the request that has taken it.
IDEMPOTENCY = """
CREATE TABLE http.idempotency (
    id bytea PRIMARY KEY CHECK (length(id) = 32),
    caller_id text NOT NULL,
    claim bytea NOT NULL,
    claimed_at timestamptz NOT NULL,
    is_answered boolean NOT NULL,
    key_id text NOT NULL,
    sealed bytea NOT NULL
);
CREATE INDEX idempotency_claimed_at ON http.idempotency (claimed_at);
"""


def upgrade() -> None:
    run_sql(IDEMPOTENCY)
    open_schema("http")
    guard("http.idempotency", seen_by_tenant=f"caller_id = {PERSON}", tenant="SELECT, INSERT")
