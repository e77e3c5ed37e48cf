"""Revoking: what was issued before is refused everywhere within two seconds of the transaction's commit.

A subject is the id of whatever credentials stand on: a user, an organisation, a session, a key, a service account.
Tokens that speak for it must be got anew, and what is remembered of its keys is asked again. So the same call serves
a change of what somebody may do: a member's new role, a person who became an administrator.
"""

from fogbank.accounts.machines import change_store
from fogbank.runtime.database import Connection


async def revoke(tx: Connection, *subjects: str) -> None:
    """Let nothing hold any longer that was issued for `subjects` before this transaction commits."""
    for subject in subjects:
        await change_store.announce(tx, subject)
