"""SQL of an account that its owner takes back: what lets somebody in, and what speaks for them, made since then."""

from datetime import datetime

from fogbank.runtime.database import Connection

MADE_SINCE = (
    "DELETE FROM accounts.passkeys WHERE user_id = %(id)s AND created_at >= %(since)s",
    "DELETE FROM accounts.totp_seeds WHERE user_id = %(id)s AND created_at >= %(since)s",
    "DELETE FROM accounts.recovery_codes WHERE user_id = %(id)s AND created_at >= %(since)s",
    "DELETE FROM accounts.issuer_links WHERE user_id = %(id)s AND created_at >= %(since)s",
    "DELETE FROM accounts.issuer_confirmations WHERE user_id = %(id)s",
    "DELETE FROM accounts.passkey_challenges WHERE user_id = %(id)s",
    """
    UPDATE accounts.api_keys SET revoked_at = %(now)s
    WHERE user_id = %(id)s AND created_at >= %(since)s AND revoked_at IS NULL
    """,
    """
    DELETE FROM accounts.machine_secrets WHERE created_at >= %(since)s AND owner_id IN (
        SELECT id FROM accounts.api_keys WHERE user_id = %(id)s
    )
    """,
)


CAME_UNPROVED = """
    SELECT EXISTS (
        SELECT FROM accounts.users JOIN accounts.invitations ON invitations.user_id = users.id
        WHERE users.id = %(id)s AND email_confirmed_at IS NULL AND lower(invitations.email) = lower(users.email)
            AND state = 'accepted' AND NOT is_mailed
    )
"""


async def came_unproved(tx: Connection, user_id: str) -> bool:
    """Whether they signed up by a link that was handed over, and nobody has shown since that the address is theirs."""
    [(found,)] = await (await tx.execute(CAME_UNPROVED, {"id": user_id})).fetchall()
    return bool(found)


async def forget_made_since(tx: Connection, user_id: str, since: datetime, now: datetime) -> None:
    """Factors, identities of issuers, API keys and keys' new secrets."""
    for statement in MADE_SINCE:
        await tx.execute(statement, {"id": user_id, "since": since, "now": now})
