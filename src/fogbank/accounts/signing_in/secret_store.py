"""SQL of what is spent once: sign-ups, password resets, changes of address and their undoing, challenges.

Each is found by the SHA-256 of its secret, and spent by being deleted: of two who spend at once, one finds it gone.
"""

from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import class_row

from fogbank.runtime.database import Connection

INSERT_SIGN_UP = """
    INSERT INTO accounts.sign_ups (secret_sha256, email, name, created_at, expires_at)
    VALUES (%(digest)s, %(email)s, %(name)s, %(now)s, %(until)s)
"""
SIGN_UP = "SELECT email, name FROM accounts.sign_ups WHERE secret_sha256 = %(digest)s AND expires_at > %(now)s"
NEWEST_SIGN_UP = """
    SELECT email, name FROM accounts.sign_ups WHERE lower(email) = lower(%(email)s) AND expires_at > %(now)s
    ORDER BY created_at DESC LIMIT 1
"""
SPEND_SIGN_UP = """
    DELETE FROM accounts.sign_ups WHERE secret_sha256 = %(digest)s AND expires_at > %(now)s RETURNING email, name
"""
FORGET_SIGN_UPS = "DELETE FROM accounts.sign_ups WHERE lower(email) = lower(%(email)s)"

INSERT_RESET = """
    INSERT INTO accounts.password_resets (secret_sha256, user_id, created_at, expires_at)
    VALUES (%(digest)s, %(user_id)s, %(now)s, %(until)s)
"""
RESET = "SELECT user_id FROM accounts.password_resets WHERE secret_sha256 = %(digest)s AND expires_at > %(now)s"
SPEND_RESET = """
    DELETE FROM accounts.password_resets WHERE secret_sha256 = %(digest)s AND expires_at > %(now)s RETURNING user_id
"""

INSERT_CHANGE = """
    INSERT INTO accounts.address_changes (secret_sha256, user_id, new_email, created_at, expires_at)
    VALUES (%(digest)s, %(user_id)s, %(email)s, %(now)s, %(until)s)
"""
SPEND_CHANGE = """
    DELETE FROM accounts.address_changes WHERE secret_sha256 = %(digest)s AND expires_at > %(now)s
    RETURNING user_id, new_email AS email
"""
INSERT_UNDO = """
    INSERT INTO accounts.address_undos (secret_sha256, user_id, old_email, created_at, expires_at)
    VALUES (%(digest)s, %(user_id)s, %(email)s, %(now)s, %(until)s)
"""
SPEND_UNDO = """
    DELETE FROM accounts.address_undos WHERE secret_sha256 = %(digest)s AND expires_at > %(now)s
    RETURNING user_id, old_email AS email, created_at AS changed_at
"""
FORGET_LATER_UNDOS = "DELETE FROM accounts.address_undos WHERE user_id = %(user_id)s AND created_at >= %(changed_at)s"

INSERT_CHALLENGE = """
    INSERT INTO accounts.sign_in_challenges (secret_sha256, user_id, method, created_at, expires_at)
    VALUES (%(digest)s, %(user_id)s, %(method)s, %(now)s, %(until)s)
"""
TRY_CHALLENGE = """
    UPDATE accounts.sign_in_challenges SET attempts = attempts + 1
    WHERE secret_sha256 = %(digest)s AND expires_at > %(now)s AND attempts < %(most)s
    RETURNING user_id, method, attempts
"""
SPEND_CHALLENGE = "DELETE FROM accounts.sign_in_challenges WHERE secret_sha256 = %(digest)s"

OF_USER = ("password_resets", "address_changes", "sign_in_challenges")
WITH_EXPIRY = ("sign_ups", "password_resets", "address_changes", "address_undos", "sign_in_challenges")


@dataclass(frozen=True, slots=True)
class SignedUp:
    """Somebody who signed up, and has no account yet."""

    email: str
    name: str


@dataclass(frozen=True, slots=True)
class Addressed:
    """A user, and the address that they are to have."""

    user_id: str
    email: str


@dataclass(frozen=True, slots=True)
class Undone(Addressed):
    """The address that a user has again, and when they were given another one."""

    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Challenged:
    """Who is asked for a second factor, how they came in, and how often they have tried with this time."""

    user_id: str
    method: str
    attempts: int


async def insert_sign_up(tx: Connection, digest: bytes, who: SignedUp, now: datetime, until: datetime) -> None:
    facts = {"digest": digest, "email": who.email, "name": who.name, "now": now, "until": until}
    await tx.execute(INSERT_SIGN_UP, facts)


async def sign_up(tx: Connection, digest: bytes, now: datetime) -> SignedUp | None:
    cursor = tx.cursor(row_factory=class_row(SignedUp))
    return await (await cursor.execute(SIGN_UP, {"digest": digest, "now": now})).fetchone()


async def newest_sign_up(tx: Connection, email: str, now: datetime) -> SignedUp | None:
    cursor = tx.cursor(row_factory=class_row(SignedUp))
    return await (await cursor.execute(NEWEST_SIGN_UP, {"email": email, "now": now})).fetchone()


async def spend_sign_up(tx: Connection, digest: bytes, now: datetime) -> SignedUp | None:
    cursor = tx.cursor(row_factory=class_row(SignedUp))
    return await (await cursor.execute(SPEND_SIGN_UP, {"digest": digest, "now": now})).fetchone()


async def forget_sign_ups(tx: Connection, email: str) -> None:
    """Of an address that has an account now."""
    await tx.execute(FORGET_SIGN_UPS, {"email": email})


async def insert_reset(tx: Connection, digest: bytes, user_id: str | None, now: datetime, until: datetime) -> None:
    """A user's; nobody's where it is None."""
    await tx.execute(INSERT_RESET, {"digest": digest, "user_id": user_id, "now": now, "until": until})


async def user_of_reset(tx: Connection, digest: bytes, now: datetime) -> str | None:
    row = await (await tx.execute(RESET, {"digest": digest, "now": now})).fetchone()
    return None if row is None else row[0]


async def spend_reset(tx: Connection, digest: bytes, now: datetime) -> str | None:
    row = await (await tx.execute(SPEND_RESET, {"digest": digest, "now": now})).fetchone()
    return None if row is None else row[0]


async def insert_change(tx: Connection, digest: bytes, change: Addressed, now: datetime, until: datetime) -> None:
    facts = {"digest": digest, "user_id": change.user_id, "email": change.email, "now": now, "until": until}
    await tx.execute(INSERT_CHANGE, facts)


async def spend_change(tx: Connection, digest: bytes, now: datetime) -> Addressed | None:
    cursor = tx.cursor(row_factory=class_row(Addressed))
    return await (await cursor.execute(SPEND_CHANGE, {"digest": digest, "now": now})).fetchone()


async def insert_undo(tx: Connection, digest: bytes, undo: Addressed, now: datetime, until: datetime) -> None:
    facts = {"digest": digest, "user_id": undo.user_id, "email": undo.email, "now": now, "until": until}
    await tx.execute(INSERT_UNDO, facts)


async def spend_undo(tx: Connection, digest: bytes, now: datetime) -> Undone | None:
    cursor = tx.cursor(row_factory=class_row(Undone))
    return await (await cursor.execute(SPEND_UNDO, {"digest": digest, "now": now})).fetchone()


async def forget_later_undos(tx: Connection, undone: Undone) -> None:
    """Of the addresses that were the account's since: who gave it those must not get it back by one of them."""
    await tx.execute(FORGET_LATER_UNDOS, {"user_id": undone.user_id, "changed_at": undone.changed_at})


async def insert_challenge(tx: Connection, digest: bytes, who: Challenged, now: datetime, until: datetime) -> None:
    facts = {"digest": digest, "user_id": who.user_id, "method": who.method, "now": now, "until": until}
    await tx.execute(INSERT_CHALLENGE, facts)


async def try_challenge(tx: Connection, digest: bytes, now: datetime, most: int) -> Challenged | None:
    """Count an attempt; None where there is no such challenge, or no attempt left. Others wait until it is decided."""
    cursor = tx.cursor(row_factory=class_row(Challenged))
    return await (await cursor.execute(TRY_CHALLENGE, {"digest": digest, "now": now, "most": most})).fetchone()


async def spend_challenge(tx: Connection, digest: bytes) -> None:
    await tx.execute(SPEND_CHALLENGE, {"digest": digest})


async def forget_of_user(tx: Connection, user_id: str) -> None:
    """Whatever lets somebody in, or goes on, on the word of who they were until now."""
    for table in OF_USER:
        await tx.execute(f"DELETE FROM accounts.{table} WHERE user_id = %(user_id)s", {"user_id": user_id})  # noqa: S608  # names are ours


async def delete_ended(tx: Connection, now: datetime) -> None:
    """Delete what nobody can spend any more."""
    for table in WITH_EXPIRY:
        await tx.execute(f"DELETE FROM accounts.{table} WHERE expires_at <= %(now)s", {"now": now})  # noqa: S608
