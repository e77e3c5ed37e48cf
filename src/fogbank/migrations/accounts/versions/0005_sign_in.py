"""What signing in takes: confirmed addresses, one-time links, sessions that can be told apart."""

from fogbank.migrations import run_sql
from fogbank.migrations.roles import guard
from fogbank.runtime.tenancy import SYSTEM_ROLE

revision = "0005"
down_revision = "0004"

# What somebody chose themselves counts as chosen; who was given a password, or none, has not chosen one.
USERS = """
ALTER TABLE accounts.users
    ADD COLUMN email_confirmed_at timestamptz,
    ADD COLUMN password_chosen_at timestamptz;
"""

# As the role that sees all sessions: whoever owns the table may see none, since its security is forced.
SESSIONS = f"""
ALTER TABLE accounts.sessions
    ADD COLUMN id text,
    ADD COLUMN last_seen_at timestamptz,
    ADD COLUMN address text NOT NULL DEFAULT '',
    ADD COLUMN agent text NOT NULL DEFAULT '',
    ADD COLUMN method text NOT NULL DEFAULT 'password' CHECK (method IN ('password', 'link', 'passkey', 'oidc'));
SET LOCAL ROLE {SYSTEM_ROLE};
UPDATE accounts.sessions SET
    id = 'session_' || substr(encode(sha256(secret_sha256), 'hex'), 1, 24),
    last_seen_at = date_trunc('minute', created_at);
RESET ROLE;
ALTER TABLE accounts.sessions
    ALTER COLUMN id SET NOT NULL,
    ALTER COLUMN last_seen_at SET NOT NULL,
    ADD CONSTRAINT sessions_id UNIQUE (id);
CREATE INDEX sessions_user ON accounts.sessions (user_id, created_at);
"""

# A sign-up has no account until its address is confirmed: nobody can take an address that is not theirs, nor choose
# the password of who comes after them.
TABLES = """
CREATE TABLE accounts.sign_ups (
    secret_sha256 bytea PRIMARY KEY,
    email text NOT NULL,
    name text NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE INDEX sign_ups_email ON accounts.sign_ups (lower(email));
CREATE INDEX sign_ups_expiry ON accounts.sign_ups (expires_at);

-- Nobody's, where somebody asked for an address without an account: so that asking costs the same.
CREATE TABLE accounts.password_resets (
    secret_sha256 bytea PRIMARY KEY,
    user_id text REFERENCES accounts.users,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE INDEX password_resets_user ON accounts.password_resets (user_id);
CREATE INDEX password_resets_expiry ON accounts.password_resets (expires_at);

CREATE TABLE accounts.address_changes (
    secret_sha256 bytea PRIMARY KEY,
    user_id text NOT NULL REFERENCES accounts.users,
    new_email text NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE INDEX address_changes_user ON accounts.address_changes (user_id);
CREATE INDEX address_changes_expiry ON accounts.address_changes (expires_at);

CREATE TABLE accounts.address_undos (
    secret_sha256 bytea PRIMARY KEY,
    user_id text NOT NULL REFERENCES accounts.users,
    old_email text NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE INDEX address_undos_user ON accounts.address_undos (user_id);
CREATE INDEX address_undos_expiry ON accounts.address_undos (expires_at);

CREATE TABLE accounts.sign_in_challenges (
    secret_sha256 bytea PRIMARY KEY,
    user_id text NOT NULL REFERENCES accounts.users,
    method text NOT NULL CHECK (method IN ('password', 'link', 'oidc')),
    attempts integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE INDEX sign_in_challenges_user ON accounts.sign_in_challenges (user_id);
CREATE INDEX sign_in_challenges_expiry ON accounts.sign_in_challenges (expires_at);
CREATE INDEX sign_in_links_user ON accounts.sign_in_links (user_id);
"""


def upgrade() -> None:
    run_sql(USERS)
    run_sql(SESSIONS)
    run_sql(TABLES)
    for table in ("sign_ups", "password_resets", "address_changes", "address_undos", "sign_in_challenges"):
        guard(f"accounts.{table}")
