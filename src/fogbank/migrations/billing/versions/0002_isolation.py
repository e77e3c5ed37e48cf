"""Row-level security: a person's request sees what its own accounts are charged, and everybody the price books."""

from fogbank.migrations.roles import APPENDING, TENANTS, guard, open_schema

revision = "0002"
down_revision = "0001"

OWN = f"account_id = ANY ({TENANTS})"


def upgrade() -> None:
    open_schema("billing")
    guard("billing.price_books", seen_by_tenant="true", system=APPENDING)
    guard("billing.lines", seen_by_tenant=OWN)
    guard("billing.charges", seen_by_tenant=OWN, system="SELECT, INSERT, UPDATE (posted_at, transfer_id)")
    guard("billing.usage_cursor", system="SELECT, UPDATE")
    guard("billing.credit_states", seen_by_tenant=OWN)
    guard("billing.signals")
