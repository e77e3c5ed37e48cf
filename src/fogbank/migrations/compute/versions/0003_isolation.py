"""Row-level security: a person's request sees its own nodes, placements and thresholds, and sets its thresholds."""

from fogbank.migrations.roles import TENANTS, guard, let_tenant, open_schema

revision = "0003"
down_revision = "0002"

OF_OWN_NODE = "node_id IN (SELECT id FROM compute.nodes)"
OWN = f"account_id = ANY ({TENANTS})"
STANDS_FOR_OWN = "id IN (SELECT threshold_id FROM compute.threshold_states)"
"""One that administrators set for everybody is seen where it stands for what is the caller's."""


def upgrade() -> None:
    open_schema("compute")
    guard("compute.nodes", seen_by_tenant=f"operator_id = ANY ({TENANTS})", system="SELECT, INSERT, UPDATE")
    guard("compute.node_keys", seen_by_tenant=OF_OWN_NODE, system="SELECT, INSERT, UPDATE")
    guard("compute.registration_tokens")
    guard(
        "compute.placements",
        seen_by_tenant=f"coalesce(org_id, user_id) = ANY ({TENANTS}) OR {OF_OWN_NODE}",
        system="SELECT, INSERT, UPDATE (until, ended_at)",
    )
    guard("compute.node_configurations")
    guard("compute.thresholds", seen_by_tenant=f"{OWN} OR {STANDS_FOR_OWN}", tenant_command="SELECT")
    for command in ("INSERT", "UPDATE", "DELETE"):
        let_tenant("compute.thresholds", command, of=OWN)
    # A number that only says that something changed.
    guard("compute.threshold_changes", seen_by_tenant="true", tenant="SELECT, UPDATE (change)", system="SELECT, UPDATE")
    guard("compute.threshold_states", seen_by_tenant=OWN)
    guard("compute.threshold_summaries")
    guard("compute.threshold_signals")
