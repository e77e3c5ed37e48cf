"""SQL of the secrets of keys and service accounts: their SHA-256, and when each ends."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime

from fogbank.accounts.machines.model import SecretFacts
from fogbank.runtime.database import Connection

INSERT = """
    INSERT INTO accounts.machine_secrets (secret_sha256, owner_id, last_four, created_at)
    VALUES (%(digest)s, %(owner_id)s, %(last_four)s, %(created_at)s)
"""
SECRETS_OF = """
    SELECT owner_id, last_four, created_at, ends_at FROM accounts.machine_secrets
    WHERE owner_id = ANY(%(owner_ids)s) ORDER BY created_at DESC, ends_at DESC NULLS FIRST
"""
END_OLD = """
    UPDATE accounts.machine_secrets
    SET ends_at = CASE WHEN ends_at IS NULL THEN %(ends_at)s ELSE least(ends_at, %(now)s) END
    WHERE owner_id = %(owner_id)s
"""
DELETE_ENDED = "DELETE FROM accounts.machine_secrets WHERE ends_at < %(before)s"


async def insert(tx: Connection, owner_id: str, digest: bytes, last_four: str, created_at: datetime) -> None:
    facts = {"owner_id": owner_id, "digest": digest, "last_four": last_four, "created_at": created_at}
    await tx.execute(INSERT, facts)


async def of(tx: Connection, owner_ids: Collection[str]) -> dict[str, tuple[SecretFacts, ...]]:
    """The secrets of each, the newest first."""
    found: defaultdict[str, list[SecretFacts]] = defaultdict(list)
    rows = await (await tx.execute(SECRETS_OF, {"owner_ids": list(owner_ids)})).fetchall()
    for owner_id, *facts in rows:
        found[owner_id].append(SecretFacts(*facts))
    return {owner_id: tuple(secrets) for owner_id, secrets in found.items()}


async def end_old(tx: Connection, owner_id: str, ends_at: datetime, now: datetime) -> None:
    """Let the newest secret end at `ends_at`, and whatever was before it at `now`."""
    await tx.execute(END_OLD, {"owner_id": owner_id, "ends_at": ends_at, "now": now})


async def delete_ended(tx: Connection, before: datetime) -> None:
    """Forget secrets that ended before then."""
    await tx.execute(DELETE_ENDED, {"before": before})
