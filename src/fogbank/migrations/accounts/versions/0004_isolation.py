"""Row-level security: a person's request sees its tenant only, and nobody rewrites the activity log."""

from fogbank.migrations import run_sql
from fogbank.migrations.roles import APPENDING, EVERYTHING, PERSON, TENANTS, guard, open_schema

revision = "0004"
down_revision = "0003"

OWN_USER = f"""
CREATE POLICY own ON accounts.users FOR UPDATE TO fogbank_tenant USING (id = {PERSON});
GRANT UPDATE ON accounts.users TO fogbank_tenant;
"""


def upgrade() -> None:
    open_schema("accounts")
    guard(
        "accounts.users",
        seen_by_tenant=f"id = {PERSON} OR id IN (SELECT user_id FROM accounts.memberships)",
        tenant_command="SELECT",
    )
    run_sql(OWN_USER)
    guard("accounts.organizations", seen_by_tenant=f"id = ANY ({TENANTS})", tenant="SELECT, UPDATE")
    guard("accounts.memberships", seen_by_tenant=f"org_id = ANY ({TENANTS}) OR user_id = {PERSON}", tenant=EVERYTHING)
    guard("accounts.api_keys", seen_by_tenant=f"user_id = {PERSON}", tenant="SELECT, INSERT, UPDATE")
    guard("accounts.sessions", seen_by_tenant=f"user_id = {PERSON}", tenant="SELECT, DELETE")
    guard("accounts.sign_in_links")
    guard("accounts.instances", seen_by_tenant=f"account_id = ANY ({TENANTS})", tenant="SELECT, INSERT, UPDATE")
    guard(
        "accounts.instance_tiers",
        seen_by_tenant="instance_id IN (SELECT id FROM accounts.instances)",
        system=APPENDING,
    )
    guard("accounts.activity", system=APPENDING)
