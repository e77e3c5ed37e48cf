"""Second factors: one-time codes, recovery codes, passkeys."""

from fogbank.migrations import run_sql
from fogbank.migrations.roles import EVERYTHING, PERSON, guard

revision = "0006"
down_revision = "0005"

TABLES = """
CREATE TABLE accounts.totp_seeds (
    user_id text NOT NULL REFERENCES accounts.users,
    is_confirmed boolean NOT NULL,
    key_id text NOT NULL,
    sealed bytea NOT NULL,
    created_at timestamptz NOT NULL,
    confirmed_at timestamptz,
    last_step bigint NOT NULL,
    PRIMARY KEY (user_id, is_confirmed)
);

CREATE TABLE accounts.recovery_codes (
    user_id text NOT NULL REFERENCES accounts.users,
    code_sha256 bytea NOT NULL,
    created_at timestamptz NOT NULL,
    used_at timestamptz,
    PRIMARY KEY (user_id, code_sha256)
);

CREATE TABLE accounts.passkeys (
    id text PRIMARY KEY,
    user_id text NOT NULL REFERENCES accounts.users,
    name text NOT NULL,
    credential_id bytea NOT NULL UNIQUE,
    public_key bytea NOT NULL,
    sign_count bigint NOT NULL,
    transports text[] NOT NULL,
    is_synced boolean NOT NULL,
    created_at timestamptz NOT NULL,
    last_used_at timestamptz,
    regressed_at timestamptz
);
CREATE INDEX passkeys_user ON accounts.passkeys (user_id, id);

CREATE TABLE accounts.passkey_challenges (
    challenge_sha256 bytea PRIMARY KEY,
    user_id text REFERENCES accounts.users,
    expires_at timestamptz NOT NULL
);
CREATE INDEX passkey_challenges_expiry ON accounts.passkey_challenges (expires_at);

CREATE TABLE accounts.factor_guesses (
    user_id text NOT NULL REFERENCES accounts.users,
    method text NOT NULL,
    failures integer NOT NULL,
    wait_until timestamptz NOT NULL,
    PRIMARY KEY (user_id, method)
);

CREATE TABLE accounts.recent_proofs (
    session_id text PRIMARY KEY,
    user_id text NOT NULL REFERENCES accounts.users,
    proved_at timestamptz NOT NULL
);
CREATE INDEX recent_proofs_age ON accounts.recent_proofs (proved_at);

CREATE TABLE accounts.factor_notices (
    number bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    id text NOT NULL UNIQUE,
    user_id text NOT NULL REFERENCES accounts.users,
    text text NOT NULL,
    at timestamptz NOT NULL
);
"""

OWN = f"user_id = {PERSON}"


def upgrade() -> None:
    run_sql(TABLES)
    for table in ("totp_seeds", "recovery_codes", "passkeys", "factor_guesses", "recent_proofs"):
        guard(f"accounts.{table}", seen_by_tenant=OWN, tenant=EVERYTHING)
    guard(
        "accounts.passkey_challenges",
        # Who signs in is nobody yet: such a challenge is found by who holds it.
        seen_by_tenant=f"user_id IS NULL OR {OWN}",
        tenant="SELECT, INSERT, DELETE",
    )
    # Who is told cannot read or take back what they will be told.
    guard("accounts.factor_notices", seen_by_tenant=OWN, tenant="INSERT")
