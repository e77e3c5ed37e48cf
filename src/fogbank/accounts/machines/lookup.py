"""Who an API key speaks for: asked when it is not in memory, or no longer as it was."""

from dataclasses import dataclass

from fogbank.accounts.callers import caller_for, machine_caller
from fogbank.accounts.machines import key_store, rules, service_account_store
from fogbank.accounts.machines.model import ApiKey
from fogbank.accounts.opaque import digest
from fogbank.accounts.people import store as people_store
from fogbank.accounts.rules import may_sign_in
from fogbank.kernel.networks import networks_of
from fogbank.runtime.auth import Caller
from fogbank.runtime.clock import Clock
from fogbank.runtime.credentials.authenticator import KeyFacts
from fogbank.runtime.credentials.key_format import is_key
from fogbank.runtime.database import Connection, Database
from fogbank.runtime.tenancy import seeing_every_tenant


@dataclass(frozen=True, slots=True)
class KeyLookup:
    """Looks keys up in the database."""

    database: Database
    clock: Clock

    async def facts(self, api_key: str) -> KeyFacts | None:
        """What is known of a key; None when it is unknown, revoked, has ended, or its owner may not come in."""
        if not is_key(api_key):
            return None
        with seeing_every_tenant():  # nobody is known yet who could be a tenant
            async with self.database.connection() as connection:
                good = await key_store.good_key(connection, digest(api_key), self.clock())
                caller = None if good is None else await _caller(connection, good.key)
        if good is None or caller is None:
            return None
        ends_at = rules.end_of(good.key.expires_at, good.secret_ends_at)
        return KeyFacts(caller, ends_at, networks_of(good.key.networks))


async def _caller(connection: Connection, key: ApiKey) -> Caller | None:
    if key.service_account_id is not None:
        good = await service_account_store.with_standing(connection, key.service_account_id)
        return None if good is None else machine_caller(good, key.scopes, key_id=key.id)
    user = await people_store.user(connection, key.user_id or "")
    if user is None or not may_sign_in(user):
        return None
    return await caller_for(connection, user, key.scopes, key_id=key.id)
