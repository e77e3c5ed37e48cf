"""Every place in the database where something sealed is kept. A table that is not listed here would lose its secrets
when a key is dropped; a test compares the list with the database.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SealedColumn:
    """A table whose columns `key_id` and `sealed` hold secrets, and the SQL expression for whom each row is sealed."""

    table: str
    owner: str


SEALED_COLUMNS = (
    SealedColumn("accounts.issuers", "'issuer:' || id"),
    SealedColumn("accounts.letters", "'letter:' || id"),
    SealedColumn("accounts.totp_seeds", "'totp:' || user_id"),
    SealedColumn("http.idempotency", "'idempotency:' || encode(id, 'hex')"),
    SealedColumn("notifications.messages", "'message:' || id"),
    SealedColumn("notifications.webhook_secrets", "webhook_id"),
)
