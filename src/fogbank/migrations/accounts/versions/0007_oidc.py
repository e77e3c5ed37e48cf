"""Sign-in by other issuers."""

from fogbank.migrations import run_sql
from fogbank.migrations.roles import PERSON, guard

revision = "0007"
down_revision = "0006"

# Of a sign-in under way nothing is kept that could complete it: its secrets come from a value that the browser has.
TABLES = """
CREATE TABLE accounts.issuers (
    id text PRIMARY KEY,
    name text NOT NULL,
    url text NOT NULL,
    client_id text NOT NULL,
    key_id text,
    sealed bytea,
    domains text[] NOT NULL,
    admits_unknown boolean NOT NULL,
    org_id text REFERENCES accounts.organizations,
    role text CHECK (role IN ('admin', 'billing', 'member', 'viewer')),
    scopes text[] NOT NULL,
    created_at timestamptz NOT NULL,
    UNIQUE (url, client_id),
    CHECK ((org_id IS NULL) = (role IS NULL)),
    CHECK ((key_id IS NULL) = (sealed IS NULL))
);

CREATE TABLE accounts.issuer_flows (
    state_sha256 bytea PRIMARY KEY,
    issuer_id text NOT NULL REFERENCES accounts.issuers ON DELETE CASCADE,
    binding_sha256 bytea NOT NULL,
    began_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE INDEX issuer_flows_expiry ON accounts.issuer_flows (expires_at);

CREATE TABLE accounts.issuer_links (
    id text PRIMARY KEY,
    issuer_id text NOT NULL REFERENCES accounts.issuers ON DELETE CASCADE,
    subject text NOT NULL,
    user_id text NOT NULL REFERENCES accounts.users,
    email text NOT NULL,
    created_at timestamptz NOT NULL,
    last_used_at timestamptz,
    UNIQUE (issuer_id, subject)
);
CREATE INDEX issuer_links_user ON accounts.issuer_links (user_id, id);

CREATE TABLE accounts.issuer_confirmations (
    secret_sha256 bytea PRIMARY KEY,
    issuer_id text NOT NULL REFERENCES accounts.issuers ON DELETE CASCADE,
    subject text NOT NULL,
    email text NOT NULL,
    user_id text NOT NULL REFERENCES accounts.users,
    expires_at timestamptz NOT NULL
);
CREATE INDEX issuer_confirmations_expiry ON accounts.issuer_confirmations (expires_at);
"""

OWN = f"user_id = {PERSON}"


def upgrade() -> None:
    run_sql(TABLES)
    guard("accounts.issuers", seen_by_tenant="true", tenant="SELECT (id, name)")
    guard("accounts.issuer_flows")
    guard("accounts.issuer_links", seen_by_tenant=OWN, tenant="SELECT, INSERT, DELETE")
    guard("accounts.issuer_confirmations", seen_by_tenant=OWN, tenant="SELECT, DELETE")
