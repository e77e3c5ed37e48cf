"""People, organisations, keys, sessions, service clients and instances."""

from fogbank.migrations import run_sql

revision = "0001"
down_revision = None

TABLES = """
CREATE TABLE accounts.users (
    id text PRIMARY KEY,
    email text NOT NULL,
    name text NOT NULL,
    password_hash text,
    is_administrator boolean NOT NULL DEFAULT false,
    status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'suspended')),
    created_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX users_email ON accounts.users (lower(email));

CREATE TABLE accounts.organizations (
    id text PRIMARY KEY,
    name text NOT NULL,
    status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'suspended')),
    created_at timestamptz NOT NULL
);

CREATE TABLE accounts.memberships (
    org_id text NOT NULL REFERENCES accounts.organizations,
    user_id text NOT NULL REFERENCES accounts.users,
    role text NOT NULL CHECK (role IN ('owner', 'admin', 'billing', 'member', 'viewer')),
    created_at timestamptz NOT NULL,
    PRIMARY KEY (org_id, user_id)
);
CREATE INDEX memberships_user ON accounts.memberships (user_id);

CREATE TABLE accounts.api_keys (
    id text PRIMARY KEY,
    user_id text NOT NULL REFERENCES accounts.users,
    name text NOT NULL,
    secret_sha256 bytea NOT NULL UNIQUE,
    last_four text NOT NULL,
    scopes text[] NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz,
    revoked_at timestamptz,
    last_used_at timestamptz
);
CREATE INDEX api_keys_user ON accounts.api_keys (user_id);

CREATE TABLE accounts.sessions (
    secret_sha256 bytea PRIMARY KEY,
    user_id text NOT NULL REFERENCES accounts.users,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE INDEX sessions_expiry ON accounts.sessions (expires_at);

CREATE TABLE accounts.sign_in_links (
    secret_sha256 bytea PRIMARY KEY,
    user_id text NOT NULL REFERENCES accounts.users,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz
);
CREATE INDEX sign_in_links_expiry ON accounts.sign_in_links (expires_at);

CREATE TABLE accounts.instances (
    id text PRIMARY KEY,
    name text NOT NULL,
    user_id text NOT NULL REFERENCES accounts.users,
    org_id text REFERENCES accounts.organizations,
    account_id text GENERATED ALWAYS AS (coalesce(org_id, user_id)) STORED,
    created_at timestamptz NOT NULL
);
CREATE INDEX instances_account ON accounts.instances (account_id, id);
CREATE INDEX instances_user ON accounts.instances (user_id, id);
"""


def upgrade() -> None:
    run_sql(TABLES)
