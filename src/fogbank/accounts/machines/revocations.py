"""Revoking: what was issued before is refused everywhere within two seconds of the transaction's commit.

A subject is the id of whatever credentials stand on: a user, an organisation, a session, a key, a service account.
Tokens that speak for it must be got anew, and what is remembered of its keys is asked again. So the same call serves
a change of what somebody may do: a member's new role, a person who became an administrator.
"""

from fogbank.accounts.machines import change_store
from fogbank.runtime.credentials.changes import keys_of
from fogbank.runtime.database import Connection


async def ask_keys_anew(tx: Connection, owner_id: str) -> None:
    """Let the keys of a person say what holds once this transaction commits; tokens of theirs go on as they are.

    For what only adds, such as a new organisation of theirs: nobody has to sign in or get a token anew for it.
    """
    await change_store.announce(tx, keys_of(owner_id))


async def revoke(tx: Connection, *subjects: str) -> None:
    """Let nothing hold any longer that was issued for `subjects` before this transaction commits."""
    for subject in subjects:
        await change_store.announce(tx, subject)
