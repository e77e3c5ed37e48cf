"""Service accounts: machines of an organisation, with a role and scopes, that get tokens by client credentials."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from fogbank.accounts.activity.reasons import reason_for
from fogbank.accounts.activity.recording import Recorder
from fogbank.accounts.client.permissions import Role
from fogbank.accounts.machines import key_store, rules, secret_store, service_account_store
from fogbank.accounts.machines.errors import MachineEnded
from fogbank.accounts.machines.managing import managed_organization, visible_service_account
from fogbank.accounts.machines.model import KnownServiceAccount, ServiceAccount
from fogbank.accounts.machines.revocations import revoke
from fogbank.accounts.opaque import ID_BYTES, digest
from fogbank.kernel.ids import new_id
from fogbank.runtime.auth import Caller
from fogbank.runtime.clock import Clock
from fogbank.runtime.credentials.key_format import CLIENT_SECRET_PREFIX, new_key
from fogbank.runtime.database import Connection, Database
from fogbank.runtime.entropy import Entropy

LAST_SHOWN = 4


@dataclass(frozen=True, slots=True)
class WantedServiceAccount:
    """What a service account is to be."""

    name: str
    role: Role
    scopes: frozenset[str]


@dataclass(frozen=True, slots=True)
class ServiceAccounts:
    """Another organisation's are `NotVisible`; in one's own they are its managers' of keys, `NotPermitted` else."""

    database: Database
    recorder: Recorder
    clock: Clock
    entropy: Entropy

    async def create(
        self, caller: Caller, org_id: str, wanted: WantedServiceAccount, reason: str
    ) -> tuple[str, KnownServiceAccount]:
        """A new service account and its secret, told this once; `LastsLonger` or `WiderNetworks` for a limited key."""
        rules.require_scopes(caller.scopes, wanted.scopes)
        async with self.database.transaction() as tx:
            await managed_organization(tx, caller, org_id)
            await self._require_endless(tx, caller)
            account = ServiceAccount(
                id=new_id("machine", self.entropy(ID_BYTES)),
                org_id=org_id,
                name=wanted.name,
                role=wanted.role,
                scopes=wanted.scopes,
                created_by=caller.id,
                created_at=self.clock(),
            )
            await service_account_store.insert(tx, account)
            secret = await self._new_secret(tx, account)
            await self._record(tx, caller, "created", account, reason, after=_told(account))
            return secret, await _known(tx, account)

    async def of(self, caller: Caller, org_id: str, after: str, limit: int) -> list[KnownServiceAccount]:
        """Those of an organisation, by id, those that were revoked too."""
        async with self.database.transaction() as tx:
            await managed_organization(tx, caller, org_id, is_ended=True)
            accounts = await service_account_store.accounts_of(tx, org_id, after, limit)
            secrets = await secret_store.of(tx, [account.id for account in accounts])
        return [KnownServiceAccount(account, secrets.get(account.id, ())) for account in accounts]

    async def account(self, caller: Caller, account_id: str) -> KnownServiceAccount:
        async with self.database.transaction() as tx:
            return await _known(tx, await visible_service_account(tx, caller, account_id, is_changed=False))

    async def change(
        self,
        caller: Caller,
        account_id: str,
        *,
        name: str | None,
        role: Role | None,
        scopes: frozenset[str] | None,
        reason: str,
    ) -> KnownServiceAccount:
        """Change what is given; its tokens and keys follow within two seconds.

        Whoever says what it may do must be able to do that themselves, for as long: as if they made it.
        """
        async with self.database.transaction() as tx:
            before = await self._living(tx, caller, account_id)
            after = replace(
                before,
                name=before.name if name is None else name,
                role=before.role if role is None else role,
                scopes=before.scopes if scopes is None else scopes,
            )
            if role is not None or scopes is not None:
                rules.require_scopes(caller.scopes, after.scopes)
                await self._require_endless(tx, caller)
            await service_account_store.update(tx, after)
            await revoke(tx, account_id)
            await self._record(tx, caller, "changed", before, reason, before=_told(before), after=_told(after))
            return await _known(tx, after)

    async def rotate_secret(
        self, caller: Caller, account_id: str, overlap: timedelta, reason: str
    ) -> tuple[str, KnownServiceAccount]:
        """A new secret; the one before works for `overlap` more, at most seven days, and any before that no longer."""
        now = self.clock()
        async with self.database.transaction() as tx:
            account = await self._living(tx, caller, account_id)
            rules.require_scopes(caller.scopes, account.scopes)
            await self._require_endless(tx, caller)
            ends_at = rules.end_of_old(now, overlap)
            await secret_store.end_old(tx, account_id, ends_at, now)
            secret = await self._new_secret(tx, account)
            if ends_at <= now:  # it may have leaked: what it bought goes with it
                await revoke(tx, account_id)
            after = {"old_secret_ends_at": ends_at.isoformat()}
            await self._record(tx, caller, "secret_rotated", account, reason, after=after)
            return secret, await _known(tx, account)

    async def revoke_once(self, caller: Caller, account_id: str, reason: str) -> None:
        """Let it, its tokens and its keys hold no longer; one that was revoked before stays so."""
        now = self.clock()
        async with self.database.transaction() as tx:
            account = await visible_service_account(tx, caller, account_id, is_ended=True)
            if await service_account_store.revoke_once(tx, account_id, now):
                for key_id in await key_store.key_ids_of_service_account(tx, account_id):
                    await key_store.revoke_key_once(tx, key_id, now)
                await revoke(tx, account_id)
                await self._record(tx, caller, "revoked", account, reason, before=_told(account))

    async def _living(self, tx: Connection, caller: Caller, account_id: str) -> ServiceAccount:
        account = await visible_service_account(tx, caller, account_id)
        if account.revoked_at is not None:
            raise MachineEnded(account_id)
        return account

    async def _require_endless(self, tx: Connection, caller: Caller) -> None:
        """A secret has no end and is good from everywhere, so no key gets one that is not."""
        maker = await key_store.key(tx, caller.key_id) if caller.key_id else None
        rules.require_within(maker, None, ())

    async def _new_secret(self, tx: Connection, account: ServiceAccount) -> str:
        secret = new_key(self.entropy, CLIENT_SECRET_PREFIX)
        await secret_store.insert(tx, account.id, digest(secret), secret[-LAST_SHOWN:], self.clock())
        return secret

    async def _record(
        self, tx: Connection, caller: Caller, verb: str, account: ServiceAccount, reason: str, **states: dict[str, Any]
    ) -> None:
        await self.recorder.record_in(
            tx,
            caller,
            f"service_account.{verb}",
            f"service_account:{account.id}",
            account_id=account.org_id,
            reason=reason_for(caller, [account.org_id], reason),
            **states,
        )


async def _known(tx: Connection, account: ServiceAccount) -> KnownServiceAccount:
    return KnownServiceAccount(account, (await secret_store.of(tx, [account.id])).get(account.id, ()))


def _told(account: ServiceAccount) -> dict[str, Any]:
    """What the activity log says of a service account."""
    return {"name": account.name, "role": account.role.value, "scopes": sorted(account.scopes)}
