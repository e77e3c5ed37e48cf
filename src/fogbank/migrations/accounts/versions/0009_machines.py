"""Keys that are rotated, service accounts, revocations."""

from fogbank.migrations import run_sql
from fogbank.migrations.roles import PERSON, TENANTS, guard
from fogbank.runtime.tenancy import SYSTEM_ROLE, TENANT_ROLE

revision = "0009"
down_revision = "0008"

SERVICE_ACCOUNTS = """
CREATE TABLE accounts.service_accounts (
    id text PRIMARY KEY,
    org_id text NOT NULL REFERENCES accounts.organizations,
    name text NOT NULL,
    role text NOT NULL CHECK (role IN ('admin', 'billing', 'member', 'viewer')),
    scopes text[] NOT NULL,
    created_by text NOT NULL,
    created_at timestamptz NOT NULL,
    revoked_at timestamptz
);
CREATE INDEX service_accounts_organization ON accounts.service_accounts (org_id, id);
"""

KEYS = f"""
ALTER TABLE accounts.api_keys
    ALTER COLUMN user_id DROP NOT NULL,
    ADD COLUMN service_account_id text REFERENCES accounts.service_accounts,
    ADD COLUMN networks text[] NOT NULL DEFAULT '{{}}',
    ADD COLUMN last_used_address text,
    ADD CONSTRAINT api_keys_owner CHECK (num_nonnulls(user_id, service_account_id) = 1);
CREATE INDEX api_keys_service_account ON accounts.api_keys (service_account_id, id);

DROP POLICY tenant ON accounts.api_keys;
CREATE POLICY tenant ON accounts.api_keys TO {TENANT_ROLE}
    USING (user_id = {PERSON} OR service_account_id IN (SELECT id FROM accounts.service_accounts));
"""

# A key has one secret, or two while it is rotated; a service account likewise. `owner_id` is one or the other.
SECRETS = """
CREATE TABLE accounts.machine_secrets (
    secret_sha256 bytea PRIMARY KEY,
    owner_id text NOT NULL,
    last_four text NOT NULL,
    created_at timestamptz NOT NULL,
    ends_at timestamptz
);
CREATE INDEX machine_secrets_owner ON accounts.machine_secrets (owner_id, created_at);
"""

# As the role that sees all keys: whoever owns the tables may see none, since their security is forced.
MOVE_SECRETS = f"""
SET LOCAL ROLE {SYSTEM_ROLE};
INSERT INTO accounts.machine_secrets (secret_sha256, owner_id, last_four, created_at)
    SELECT secret_sha256, id, last_four, created_at FROM accounts.api_keys;
RESET ROLE;
ALTER TABLE accounts.api_keys DROP COLUMN secret_sha256, DROP COLUMN last_four;
"""

# Changes are numbered while their transactions commit, one after the other: whoever has seen a number has seen all
# below it. Numbered any earlier, a change could appear behind those who have gone past its number, and the lock would
# be held, and waited for, as long as the rest of the transaction takes.
CHANGES = """
CREATE TABLE accounts.credential_head (
    is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
    change bigint NOT NULL DEFAULT 0,
    forgotten bigint NOT NULL DEFAULT 0
);
INSERT INTO accounts.credential_head DEFAULT VALUES;

CREATE TABLE accounts.credential_changes (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    change bigint UNIQUE,
    subject text NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE FUNCTION accounts.credentials_change(changed text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = '' AS $$
    INSERT INTO accounts.credential_changes (subject) VALUES (changed)
$$;

CREATE FUNCTION accounts.number_credential_change() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    newest bigint;
BEGIN
    UPDATE accounts.credential_head SET change = change + 1 RETURNING change INTO newest;
    UPDATE accounts.credential_changes SET change = newest WHERE id = NEW.id;
    PERFORM pg_notify('fogbank_credentials', newest::text);
    RETURN NULL;
END
$$;

CREATE CONSTRAINT TRIGGER numbered AFTER INSERT ON accounts.credential_changes
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION accounts.number_credential_change();
"""

# A person's request may say that something changed, and touch nothing else of it.
ANNOUNCING = f"""
GRANT CREATE ON SCHEMA accounts TO {SYSTEM_ROLE};
ALTER FUNCTION accounts.credentials_change(text) OWNER TO {SYSTEM_ROLE};
ALTER FUNCTION accounts.number_credential_change() OWNER TO {SYSTEM_ROLE};
REVOKE CREATE ON SCHEMA accounts FROM {SYSTEM_ROLE};
REVOKE EXECUTE ON FUNCTION accounts.credentials_change(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION accounts.credentials_change(text) TO {SYSTEM_ROLE}, {TENANT_ROLE};
"""


def upgrade() -> None:
    run_sql(SERVICE_ACCOUNTS)
    guard("accounts.service_accounts", seen_by_tenant=f"org_id = ANY ({TENANTS})", tenant="SELECT, INSERT, UPDATE")
    run_sql(KEYS)
    run_sql(SECRETS)
    guard(
        "accounts.machine_secrets",
        seen_by_tenant="""
            owner_id IN (SELECT id FROM accounts.api_keys) OR owner_id IN (SELECT id FROM accounts.service_accounts)
        """,
        tenant="SELECT, INSERT, UPDATE",
    )
    run_sql(MOVE_SECRETS)
    run_sql(CHANGES)
    guard("accounts.credential_changes")
    guard("accounts.credential_head")
    run_sql(ANNOUNCING)
