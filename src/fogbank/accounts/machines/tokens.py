"""Tokens for those who show a secret: Fogbank's own services, and service accounts of organisations."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from hmac import compare_digest

from fogbank.accounts.callers import machine_caller
from fogbank.accounts.errors import UnknownAudience, WrongCredentials
from fogbank.accounts.machines import change_store, rules, service_account_store
from fogbank.accounts.opaque import digest
from fogbank.runtime.auth import Caller, CallerKind
from fogbank.runtime.clock import Clock
from fogbank.runtime.credentials.key_file import KeyFile
from fogbank.runtime.credentials.key_format import CLIENT_SECRET_PREFIX, is_key
from fogbank.runtime.credentials.tokens import Token
from fogbank.runtime.database import Database
from fogbank.runtime.tenancy import seeing_every_tenant


def audience_of(known: Collection[str], asked: Collection[str] | None) -> frozenset[str]:
    """The services a token is for: those asked for, else all; `UnknownAudience` for one that does not exist."""
    wanted = frozenset(asked or known)
    if unknown := wanted - frozenset(known):
        raise UnknownAudience(unknown)
    return wanted


@dataclass(frozen=True, slots=True)
class ClientTokens:
    """Tokens by client credentials (RFC 6749, 4.4). `service_secrets` maps each of Fogbank's services to its own."""

    database: Database
    keys: KeyFile
    service_secrets: Mapping[str, str]
    audience: Collection[str]
    clock: Clock

    async def by_secret(
        self, client_id: str, secret: str, audience: Collection[str] | None, scopes: frozenset[str] | None
    ) -> Token:
        """A token for who knows the secret; limited to `scopes`, where some are named; `WrongCredentials` else."""
        wanted = audience_of(self.audience, audience)
        if client_id in self.service_secrets:
            return self._for_service(client_id, secret, wanted)
        if not is_key(secret, CLIENT_SECRET_PREFIX):
            raise WrongCredentials
        return await self._for_machine(client_id, secret, wanted, scopes)

    def _for_service(self, service_id: str, secret: str, audience: frozenset[str]) -> Token:
        if not compare_digest(self.service_secrets[service_id].encode(), secret.encode()):
            raise WrongCredentials
        return self.keys.sign(Caller(service_id, CallerKind.SERVICE), audience, as_of=0)

    async def _for_machine(
        self, account_id: str, secret: str, audience: frozenset[str], scopes: frozenset[str] | None
    ) -> Token:
        with seeing_every_tenant():
            async with self.database.connection() as connection:
                as_of = await change_store.newest(connection)
                good = await service_account_store.by_secret(connection, account_id, digest(secret), self.clock())
        caller = None if good is None else machine_caller(good, scopes or good.account.scopes)
        if good is None or caller is None:
            raise WrongCredentials
        if scopes is not None:
            rules.require_scopes(good.account.scopes, scopes)
        return self.keys.sign(caller, audience, as_of=as_of)
