"""API keys: of a person or of a service account, shown once, rotated with an overlap, refused once revoked."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from fogbank.accounts.activity.reasons import reason_for
from fogbank.accounts.activity.recording import CHANGED, Recorder
from fogbank.accounts.errors import NotVisible, ScopeBeyondCaller
from fogbank.accounts.machines import key_store, rules, secret_store
from fogbank.accounts.machines.errors import MachineEnded
from fogbank.accounts.machines.managing import visible_service_account
from fogbank.accounts.machines.model import ApiKey, Known, ServiceAccount
from fogbank.accounts.machines.revocations import revoke
from fogbank.accounts.opaque import ID_BYTES, digest
from fogbank.accounts.people import store as people_store
from fogbank.accounts.rules import scopes_beyond
from fogbank.kernel.ids import new_id
from fogbank.runtime.auth import Caller
from fogbank.runtime.clock import Clock
from fogbank.runtime.credentials.key_format import new_key
from fogbank.runtime.database import Connection, Database
from fogbank.runtime.entropy import Entropy

LAST_SHOWN = 4


@dataclass(frozen=True, slots=True)
class WantedKey:
    """A key to make: the caller's own, or a service account's."""

    name: str
    scopes: frozenset[str]
    expires_at: datetime | None = None
    networks: tuple[str, ...] = ()
    service_account_id: str | None = None


@dataclass(frozen=True, slots=True)
class ApiKeys:
    """Somebody else's key is `NotVisible`. Keys of a service account are its organisation's managers' to change."""

    database: Database
    recorder: Recorder
    clock: Clock
    entropy: Entropy

    async def create(self, caller: Caller, wanted: WantedKey, reason: str) -> tuple[str, Known]:
        """A new key and its secret, told this once; refused where it would exceed who makes it, or whose it is."""
        rules.require_scopes(caller.scopes, wanted.scopes)
        rules.require_to_come(wanted.expires_at, self.clock())
        networks = rules.networks_written(wanted.networks)
        async with self.database.transaction() as tx:
            rules.require_within(await self._maker(tx, caller), wanted.expires_at, networks)
            account = await self._service_account(tx, caller, wanted)
            key = ApiKey(
                id=new_id("key", self.entropy(ID_BYTES)),
                user_id=caller.id if account is None else None,
                service_account_id=None if account is None else account.id,
                name=wanted.name,
                scopes=wanted.scopes,
                networks=networks,
                created_at=self.clock(),
                expires_at=None if wanted.expires_at is None else wanted.expires_at.astimezone(UTC),
            )
            await key_store.insert_key(tx, key)
            secret = await self._new_secret(tx, key)
            await self._record(tx, caller, "created", key, account, reason=reason, after=_told(key))
            return secret, await _known(tx, key)

    async def of(self, caller: Caller, owner_id: str, after: str, limit: int) -> list[Known]:
        """The keys of a person or of a service account, by id, those that were revoked too."""
        async with self.database.transaction() as tx:
            if owner_id != caller.id:
                await self._visible_owner(tx, caller, owner_id)
            keys = await key_store.keys_of(tx, owner_id, after, limit)
            secrets = await secret_store.of(tx, [key.id for key in keys])
        return [Known(key, secrets.get(key.id, ())) for key in keys]

    async def key(self, caller: Caller, key_id: str) -> Known:
        async with self.database.transaction() as tx:
            key, _ = await self._visible(tx, caller, key_id, is_changed=False)
            return await _known(tx, key)

    async def rename(self, caller: Caller, key_id: str, name: str, reason: str) -> Known:
        """Give it another name."""
        async with self.database.transaction() as tx:
            key, account = await self._visible(tx, caller, key_id)
            await key_store.rename_key(tx, key_id, name)
            after = {"name": CHANGED if account is None else name}
            await self._record(tx, caller, "renamed", key, account, reason=reason, after=after)
            return await _known(tx, replace(key, name=name))

    async def rotate(self, caller: Caller, key_id: str, overlap: timedelta, reason: str) -> tuple[str, Known]:
        """A new secret; the one before works for `overlap` more, at most seven days. `MachineEnded` for a dead key."""
        now = self.clock()
        async with self.database.transaction() as tx:
            key, account = await self._visible(tx, caller, key_id)
            if rules.has_ended(key, now):
                raise MachineEnded(key_id)
            # Whoever gets the new secret can do what the key can: no more than they may do themselves.
            rules.require_scopes(caller.scopes, key.scopes)
            rules.require_within(await self._maker(tx, caller), key.expires_at, key.networks)
            ends_at = rules.end_of_old(now, overlap)
            await secret_store.end_old(tx, key_id, ends_at, now)
            secret = await self._new_secret(tx, key)
            await revoke(tx, key_id)
            after = {"old_secret_ends_at": ends_at.isoformat()}
            await self._record(tx, caller, "rotated", key, account, reason=reason, after=after)
            return secret, await _known(tx, key)

    async def revoke_once(self, caller: Caller, key_id: str, reason: str) -> None:
        """Let the key hold no longer; a key that was revoked before stays so."""
        async with self.database.transaction() as tx:
            key, account = await self._visible(tx, caller, key_id, is_ended=True)
            if await key_store.revoke_key_once(tx, key_id, self.clock()):
                await revoke(tx, key_id)
                await self._record(tx, caller, "revoked", key, account, reason=reason, before=_told(key))

    async def forget_ended_secrets(self) -> None:
        """Delete what nobody can use any more; it is shown for another week."""
        async with self.database.transaction() as tx:
            await secret_store.delete_ended(tx, self.clock() - rules.OVERLAP_MAX)

    async def _visible(
        self, tx: Connection, caller: Caller, key_id: str, *, is_changed: bool = True, is_ended: bool = False
    ) -> tuple[ApiKey, ServiceAccount | None]:
        key = await key_store.key(tx, key_id, is_locked=is_changed)
        if key is not None and key.service_account_id is not None:
            account = await visible_service_account(
                tx, caller, key.service_account_id, is_changed=is_changed, is_ended=is_ended, of_key=key_id
            )
            return key, account
        if key is None or not (caller.sees_everything or key.user_id == caller.id):
            raise NotVisible("API key", key_id)
        return key, None

    async def _visible_owner(self, tx: Connection, caller: Caller, owner_id: str) -> None:
        is_person = caller.sees_everything and await people_store.user(tx, owner_id) is not None
        if not is_person:
            await visible_service_account(tx, caller, owner_id, is_changed=False)

    async def _service_account(self, tx: Connection, caller: Caller, wanted: WantedKey) -> ServiceAccount | None:
        """Whose key it becomes, where it is no person's; it can pass on no scope that it does not have."""
        if wanted.service_account_id is None:
            return None
        account = await visible_service_account(tx, caller, wanted.service_account_id)
        if account.revoked_at is not None:
            raise MachineEnded(account.id)
        if beyond := scopes_beyond(account.scopes, wanted.scopes):
            raise ScopeBeyondCaller(beyond)
        return account

    async def _maker(self, tx: Connection, caller: Caller) -> ApiKey | None:
        """The key that the caller shows, where they show one."""
        return await key_store.key(tx, caller.key_id) if caller.key_id else None

    async def _new_secret(self, tx: Connection, key: ApiKey) -> str:
        secret = new_key(self.entropy)
        await secret_store.insert(tx, key.id, digest(secret), secret[-LAST_SHOWN:], self.clock())
        return secret

    async def _record(
        self,
        tx: Connection,
        caller: Caller,
        verb: str,
        key: ApiKey,
        account: ServiceAccount | None,
        *,
        reason: str,
        **states: dict[str, Any],
    ) -> None:
        account_id = (key.user_id or "") if account is None else account.org_id
        await self.recorder.record_in(
            tx,
            caller,
            f"api_key.{verb}",
            f"api_key:{key.id}",
            account_id=account_id,
            reason=reason_for(caller, [account_id], reason),
            **states,
        )


async def _known(tx: Connection, key: ApiKey) -> Known:
    return Known(key, (await secret_store.of(tx, [key.id])).get(key.id, ()))


def _told(key: ApiKey) -> dict[str, Any]:
    """What the activity log says of a key. What somebody calls their own is theirs to have forgotten."""
    name = {} if key.service_account_id is None else {"name": key.name}
    return {
        **name,
        "scopes": sorted(key.scopes),
        "networks": list(key.networks),
        "expires_at": None if key.expires_at is None else key.expires_at.isoformat(),
        "service_account_id": key.service_account_id,
    }
