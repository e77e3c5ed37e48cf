"""Row-level security: a person's request reads its own accounts, and nobody rewrites what was posted."""

from fogbank.migrations.roles import APPENDING, TENANTS, guard, open_schema

revision = "0002"
down_revision = "0001"

TOUCHES_OWN = f"""
    account_id = ANY ({TENANTS}) OR EXISTS (
        SELECT FROM ledger.accounts AS own JOIN ledger.entries AS entry ON entry.account = own.number
        WHERE own.owner_id = ANY ({TENANTS}) AND entry.sequence = transfers.sequence
    )
"""


def upgrade() -> None:
    open_schema("ledger")
    guard(
        "ledger.accounts",
        seen_by_tenant=f"owner_id = ANY ({TENANTS})",
        system="SELECT, INSERT, UPDATE (balance_micros, held_micros, floor_micros)",
    )
    guard("ledger.transfers", seen_by_tenant=TOUCHES_OWN, system=APPENDING)
    guard("ledger.entries", seen_by_tenant="account IN (SELECT number FROM ledger.accounts)", system=APPENDING)
    guard(
        "ledger.holds",
        seen_by_tenant=f"account_id = ANY ({TENANTS})",
        system="SELECT, INSERT, UPDATE (state)",
    )
    # When a batch was posted is nobody's secret: it has no names and no amounts.
    guard("ledger.batches", seen_by_tenant="true", system=APPENDING)
    guard("ledger.head", system="SELECT, UPDATE")
