"""Row-level security: a person's request sees its own nodes, placements and thresholds."""

from fogbank.migrations.roles import EVERYTHING, TENANTS, guard, open_schema

revision = "0003"
down_revision = "0002"

OF_OWN_NODE = "node_id IN (SELECT id FROM compute.nodes)"


def upgrade() -> None:
    open_schema("compute")
    guard("compute.nodes", seen_by_tenant=f"operator_id = ANY ({TENANTS})")
    guard("compute.node_keys", seen_by_tenant=OF_OWN_NODE)
    guard("compute.registration_tokens")
    guard("compute.placements", seen_by_tenant=f"coalesce(org_id, user_id) = ANY ({TENANTS}) OR {OF_OWN_NODE}")
    guard("compute.node_configurations")
    guard("compute.thresholds", seen_by_tenant=f"account_id = ANY ({TENANTS})", tenant=EVERYTHING)
    # A number that only says that something changed.
    guard("compute.threshold_changes", seen_by_tenant="true", tenant="SELECT, UPDATE")
    guard("compute.threshold_states", seen_by_tenant=f"account_id = ANY ({TENANTS})", tenant=EVERYTHING)
    guard("compute.threshold_summaries", seen_by_tenant=f"account_id = ANY ({TENANTS})", tenant=EVERYTHING)
    guard("compute.threshold_signals", seen_by_tenant=f"account_id = ANY ({TENANTS})", tenant="SELECT, INSERT")
