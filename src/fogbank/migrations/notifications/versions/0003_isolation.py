"""Row-level security: a person's request sees its own inbox, preferences and webhooks."""

from fogbank.migrations.roles import EVERYTHING, PERSON, TENANTS, guard, open_schema

revision = "0003"
down_revision = "0002"

OWN = f"person_id = {PERSON}"
OF_OWN_WEBHOOK = "webhook_id IN (SELECT id FROM notifications.webhooks)"


def upgrade() -> None:
    open_schema("notifications")
    guard(
        "notifications.notices",
        seen_by_tenant=f"id IN (SELECT notice_id FROM notifications.inbox WHERE {OWN})",
        system="SELECT, INSERT, DELETE",
    )
    guard("notifications.inbox", seen_by_tenant=OWN, tenant="SELECT, UPDATE (read_at)")
    guard("notifications.preferences", seen_by_tenant=OWN, tenant="SELECT, INSERT, UPDATE")
    guard("notifications.emails", seen_by_tenant=OWN)
    guard("notifications.deliveries", seen_by_tenant=OWN, tenant="SELECT, UPDATE (due_at)")
    guard("notifications.webhooks", seen_by_tenant=f"account_id = ANY ({TENANTS})", tenant=EVERYTHING)
    guard("notifications.webhook_secrets", seen_by_tenant=OF_OWN_WEBHOOK, tenant=EVERYTHING)
    guard("notifications.webhook_deliveries", seen_by_tenant=OF_OWN_WEBHOOK, tenant="SELECT, INSERT, UPDATE")
    guard(
        "notifications.webhook_attempts",
        seen_by_tenant="delivery_id IN (SELECT id FROM notifications.webhook_deliveries)",
    )
