"""Invitations, offers of ownership, projects and labels, second factors required, and accounts that are closed."""

from fogbank.migrations import run_sql
from fogbank.migrations.roles import APPENDING, PERSON, TENANTS, guard, open_schema

revision = "0008"
down_revision = "0007"

STANDING = """
ALTER TABLE accounts.users DROP CONSTRAINT users_status_check,
    ADD CONSTRAINT users_status_check CHECK (status IN ('active', 'suspended', 'closed'));
ALTER TABLE accounts.organizations DROP CONSTRAINT organizations_status_check,
    ADD CONSTRAINT organizations_status_check CHECK (status IN ('active', 'suspended', 'closed')),
    ADD COLUMN requires_second_factor boolean NOT NULL DEFAULT false;

-- Every change, numbered in the order in which they were committed: who follows them asks for those after a number.
CREATE SEQUENCE accounts.standing_change AS bigint;
CREATE TABLE accounts.standing_changes (
    change bigint PRIMARY KEY,
    account_id text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('user', 'organization')),
    before text NOT NULL,
    status text NOT NULL,
    at timestamptz NOT NULL,
    reason text NOT NULL,
    told_at timestamptz
);
CREATE INDEX standing_changes_untold ON accounts.standing_changes (change) WHERE told_at IS NULL;
"""

JOINING = """
CREATE TABLE accounts.invitations (
    id text PRIMARY KEY,
    org_id text NOT NULL REFERENCES accounts.organizations,
    email text NOT NULL,
    role text NOT NULL CHECK (role IN ('owner', 'admin', 'billing', 'member', 'viewer')),
    inviter_id text NOT NULL,
    inviter_role text,
    secret_sha256 bytea NOT NULL UNIQUE,
    is_mailed boolean NOT NULL,
    state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'accepted', 'revoked')),
    created_at timestamptz NOT NULL,
    sent_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    ended_at timestamptz,
    user_id text REFERENCES accounts.users
);
CREATE UNIQUE INDEX invitations_one_open ON accounts.invitations (org_id, lower(email)) WHERE state = 'open';
CREATE INDEX invitations_organization ON accounts.invitations (org_id, id);
CREATE INDEX invitations_email ON accounts.invitations (lower(email)) WHERE state = 'open';

CREATE TABLE accounts.ownership_offers (
    id text PRIMARY KEY,
    org_id text NOT NULL REFERENCES accounts.organizations,
    from_user_id text NOT NULL REFERENCES accounts.users,
    to_user_id text NOT NULL REFERENCES accounts.users,
    state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'accepted', 'withdrawn')),
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    ended_at timestamptz
);
CREATE UNIQUE INDEX ownership_offers_one_open ON accounts.ownership_offers (org_id) WHERE state = 'open';

-- Nobody gives themselves a membership of what is not theirs; leaving is everybody's own.
DROP POLICY tenant ON accounts.memberships;
"""
OWN_MEMBERSHIPS = f"""
CREATE POLICY tenant ON accounts.memberships FOR SELECT TO fogbank_tenant
    USING (org_id = ANY ({TENANTS}) OR user_id = {PERSON});
CREATE POLICY tenant_adds ON accounts.memberships FOR INSERT TO fogbank_tenant
    WITH CHECK (org_id = ANY ({TENANTS}));
CREATE POLICY tenant_changes ON accounts.memberships FOR UPDATE TO fogbank_tenant USING (org_id = ANY ({TENANTS}));
CREATE POLICY tenant_removes ON accounts.memberships FOR DELETE TO fogbank_tenant
    USING (org_id = ANY ({TENANTS}) OR user_id = {PERSON});
"""

PROJECTS = """
CREATE TABLE accounts.projects (
    id text PRIMARY KEY,
    org_id text NOT NULL REFERENCES accounts.organizations,
    key text NOT NULL,
    name text NOT NULL,
    created_at timestamptz NOT NULL,
    archived_at timestamptz,
    UNIQUE (org_id, key)
);
ALTER TABLE accounts.instances
    ADD COLUMN project_id text REFERENCES accounts.projects,
    ADD COLUMN labels jsonb NOT NULL DEFAULT '{}';
CREATE INDEX instances_project ON accounts.instances (project_id, id) WHERE project_id IS NOT NULL;
CREATE INDEX instances_labels ON accounts.instances USING gin (labels jsonb_path_ops) WHERE labels <> '{}';

-- As with tiers: every change, numbered in the order in which they were committed. No project: it left the one before.
CREATE SEQUENCE accounts.instance_project_change AS bigint;
CREATE TABLE accounts.instance_projects (
    change bigint PRIMARY KEY,
    instance_id text NOT NULL REFERENCES accounts.instances,
    project_id text REFERENCES accounts.projects,
    since timestamptz NOT NULL
);
CREATE INDEX instance_projects_instance ON accounts.instance_projects (instance_id, since);
"""


def upgrade() -> None:
    run_sql(STANDING + JOINING + OWN_MEMBERSHIPS + PROJECTS)
    open_schema("accounts")
    of_organization = f"org_id = ANY ({TENANTS})"
    guard("accounts.standing_changes", system="SELECT, INSERT, UPDATE (told_at)")
    guard("accounts.invitations", seen_by_tenant=of_organization, tenant="SELECT, INSERT, UPDATE")
    guard("accounts.ownership_offers", seen_by_tenant=of_organization, tenant="SELECT, INSERT, UPDATE")
    guard("accounts.projects", seen_by_tenant=of_organization, tenant="SELECT, INSERT, UPDATE")
    guard(
        "accounts.instance_projects",
        seen_by_tenant="instance_id IN (SELECT id FROM accounts.instances)",
        tenant=APPENDING,
        system=APPENDING,
    )
