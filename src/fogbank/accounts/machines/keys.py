"""API keys: made by a user for their programs, shown once, refused within seconds of being revoked."""

from dataclasses import dataclass
from datetime import datetime

from fogbank.accounts.callers import caller_for
from fogbank.accounts.errors import NotVisible, ScopeBeyondCaller
from fogbank.accounts.machines import key_store
from fogbank.accounts.model import ApiKey
from fogbank.accounts.opaque import ID_BYTES, digest, new_secret
from fogbank.accounts.people import store as people_store
from fogbank.accounts.rules import may_sign_in, scopes_beyond
from fogbank.kernel.ids import new_id
from fogbank.runtime.auth import Caller
from fogbank.runtime.authenticator import API_KEY_PREFIX
from fogbank.runtime.clock import Clock
from fogbank.runtime.database import Database
from fogbank.runtime.entropy import Entropy


@dataclass(frozen=True, slots=True)
class ApiKeys:
    """Makes, lists and revokes keys, and says who one speaks for."""

    database: Database
    clock: Clock
    entropy: Entropy

    async def create(
        self, caller: Caller, name: str, scopes: frozenset[str], expires_at: datetime | None
    ) -> tuple[str, ApiKey]:
        """A new key of the caller's and its secret, told this once; `ScopeBeyondCaller` for more than they may do."""
        beyond = scopes_beyond(caller.scopes, scopes)
        if beyond:
            raise ScopeBeyondCaller(beyond)
        secret = new_secret(self.entropy, API_KEY_PREFIX)
        key = ApiKey(
            id=new_id("key", self.entropy(ID_BYTES)),
            user_id=caller.id,
            name=name,
            last_four=secret[-4:],
            scopes=scopes,
            created_at=self.clock(),
            expires_at=expires_at,
            revoked_at=None,
            last_used_at=None,
        )
        async with self.database.connection() as connection:
            await key_store.insert_key(connection, key, digest(secret))
        return secret, key

    async def of(self, user_id: str) -> list[ApiKey]:
        """A user's keys, the newest first, revoked ones included."""
        async with self.database.connection() as connection:
            return await key_store.keys_of(connection, user_id)

    async def revoke_once(self, caller: Caller, key_id: str) -> None:
        """Revoke a key of the caller's, or anybody's for an administrator; `NotVisible` else."""
        async with self.database.connection() as connection:
            key = await key_store.key(connection, key_id)
            if key is None or not (caller.sees_everything or key.user_id == caller.id):
                raise NotVisible("API key", key_id)
            await key_store.revoke_key_once(connection, key_id, self.clock())

    async def caller_by(self, api_key: str) -> Caller | None:
        """Who a key speaks for; None when it is unknown, revoked, expired, or its user suspended."""
        now = self.clock()
        async with self.database.connection() as connection:
            key = await key_store.good_key(connection, digest(api_key), now)
            user = await people_store.user(connection, key.user_id) if key is not None else None
            if key is None or user is None or not may_sign_in(user):
                return None
            await key_store.touch_key(connection, key, now)
            return await caller_for(connection, user, key.scopes)
