"""SQL of what ends with an account: what speaks for it, what it waits for, and what is known of a person."""

from datetime import datetime

from fogbank.runtime.database import Connection

END_OF_ORGANIZATION = (
    "UPDATE accounts.invitations SET state = 'revoked', ended_at = %(now)s WHERE org_id = %(id)s AND state = 'open'",
    """
    UPDATE accounts.ownership_offers SET state = 'withdrawn', ended_at = %(now)s
    WHERE org_id = %(id)s AND state = 'open'
    """,
    """
    UPDATE accounts.api_keys SET revoked_at = %(now)s WHERE revoked_at IS NULL AND service_account_id IN (
        SELECT id FROM accounts.service_accounts WHERE org_id = %(id)s
    )
    """,
    "UPDATE accounts.service_accounts SET revoked_at = %(now)s WHERE org_id = %(id)s AND revoked_at IS NULL",
)
SERVICE_ACCOUNTS = "SELECT id FROM accounts.service_accounts WHERE org_id = %(id)s"

END_OF_SIGN_IN = (
    "DELETE FROM accounts.sessions WHERE user_id = %(id)s",
    "DELETE FROM accounts.sign_in_links WHERE user_id = %(id)s",
    "DELETE FROM accounts.sign_in_challenges WHERE user_id = %(id)s",
    "DELETE FROM accounts.password_resets WHERE user_id = %(id)s",
)
END_OF_PERSON = (
    "UPDATE accounts.api_keys SET revoked_at = %(now)s WHERE user_id = %(id)s AND revoked_at IS NULL",
    "DELETE FROM accounts.totp_seeds WHERE user_id = %(id)s",
    "DELETE FROM accounts.recovery_codes WHERE user_id = %(id)s",
    "DELETE FROM accounts.passkeys WHERE user_id = %(id)s",
    "DELETE FROM accounts.passkey_challenges WHERE user_id = %(id)s",
    "DELETE FROM accounts.factor_guesses WHERE user_id = %(id)s",
    "DELETE FROM accounts.recent_proofs WHERE user_id = %(id)s",
    "DELETE FROM accounts.issuer_links WHERE user_id = %(id)s",
    "DELETE FROM accounts.issuer_confirmations WHERE user_id = %(id)s",
    "DELETE FROM accounts.address_changes WHERE user_id = %(id)s",
    "DELETE FROM accounts.address_undos WHERE user_id = %(id)s",
    "DELETE FROM accounts.memberships WHERE user_id = %(id)s",
    """
    UPDATE accounts.ownership_offers SET state = 'withdrawn', ended_at = %(now)s
    WHERE state = 'open' AND %(id)s IN (from_user_id, to_user_id)
    """,
    """
    UPDATE accounts.invitations SET state = 'revoked', ended_at = %(now)s
    WHERE state = 'open' AND lower(email) = (SELECT lower(email) FROM accounts.users WHERE id = %(id)s)
    """,
    """
    UPDATE accounts.invitations SET email = ''
    WHERE lower(email) = (SELECT lower(email) FROM accounts.users WHERE id = %(id)s)
    """,
    """
    UPDATE accounts.users
    SET name = %(name)s, email = %(email)s, password_hash = NULL, email_confirmed_at = NULL, is_administrator = false
    WHERE id = %(id)s
    """,
)


async def end_organization(tx: Connection, org_id: str, now: datetime) -> list[str]:
    """End what speaks for it and what it waits for; the ids of its service accounts."""
    for statement in END_OF_ORGANIZATION:
        await tx.execute(statement, {"id": org_id, "now": now})
    rows = await (await tx.execute(SERVICE_ACCOUNTS, {"id": org_id})).fetchall()
    return [service_account_id for (service_account_id,) in rows]


async def end_sign_in(tx: Connection, user_id: str) -> None:
    """End every session, and what would open another one."""
    for statement in END_OF_SIGN_IN:
        await tx.execute(statement, {"id": user_id})


async def erase_person(tx: Connection, user_id: str, name: str, email: str, now: datetime) -> None:
    """Forget who somebody is: ways in, memberships, address and name; `name` and `email` stand in their place."""
    for statement in END_OF_PERSON:
        await tx.execute(statement, {"id": user_id, "now": now, "name": name, "email": email})
