"""Making, changing and deleting webhooks. A secret is told when it is made, and never again."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from fogbank.kernel.ids import new_id
from fogbank.kernel.networks import Network, address_of
from fogbank.notifications.webhooks import access
from fogbank.notifications.webhooks.access import Owner
from fogbank.notifications.webhooks.errors import KeyReused, NotAllowed, TooManyWebhooks
from fogbank.notifications.webhooks.model import DisabledBecause, Webhook
from fogbank.notifications.webhooks.rules import SECRETS_OVERLAP
from fogbank.notifications.webhooks.secrets import new_webhook_secret
from fogbank.notifications.webhooks.store import secrets, sending, webhooks
from fogbank.runtime.activity import ActivityLog
from fogbank.runtime.auth import Caller
from fogbank.runtime.clock import Clock
from fogbank.runtime.database import Connection, Database
from fogbank.runtime.entropy import Entropy
from fogbank.runtime.outbound.addresses import is_allowed
from fogbank.runtime.outbound.urls import UrlRefused, target_of
from fogbank.runtime.sealing import SealingKeys

log = structlog.get_logger(__name__)

ID_BYTES = 12
SHOWN_AGAIN = timedelta(days=1)
"""Who made a webhook and did not get our answer may ask again under the same key for so long."""


@dataclass(frozen=True, slots=True)
class Wish:
    """A webhook as somebody wants it."""

    url: str
    event_types: frozenset[str]
    instance_id: str | None
    description: str


@dataclass(frozen=True, slots=True)
class Change:
    """What to change; what is None stays."""

    url: str | None = None
    event_types: frozenset[str] | None = None
    description: str | None = None
    is_enabled: bool | None = None


@dataclass(frozen=True, slots=True)
class Managing:
    """Webhooks of the caller's accounts, and everybody's for administrators, who give a reason for theirs."""

    database: Database
    keys: SealingKeys
    activity: ActivityLog
    clock: Clock
    entropy: Entropy
    webhooks_max: int
    allow_http: bool
    private_networks: Sequence[Network]

    async def create(
        self, caller: Caller, owner: Owner, wish: Wish, *, key: str | None, reason: str | None
    ) -> tuple[str, Webhook]:
        """A new webhook and its secret, told this once: within a day, the same again under the same `key` is it."""
        url = self._url(wish.url)
        made = Webhook(
            id=new_id("webhook", self.entropy(ID_BYTES)),
            user_id=owner.user_id,
            org_id=owner.org_id,
            instance_id=wish.instance_id,
            url=url,
            description=wish.description,
            event_types=wish.event_types,
            created_by=caller.id,
            created_at=self.clock(),
            creation_key=key,
        )
        async with self.database.transaction() as tx:
            await webhooks.lock_account(tx, made.account_id)
            before = await webhooks.by_creation_key(tx, made.account_id, key) if key else None
            if before is not None:
                return await self._secret_again(tx, before, made), before
            if await webhooks.count(tx, made.account_id) >= self.webhooks_max:
                raise TooManyWebhooks(self.webhooks_max)
            id_ = f"webhook.create:{made.id}"
            await access.record(self.activity, caller, made, "webhook.create", reason=reason, id_=id_)
            await webhooks.insert(tx, made)
            return await self._new_secret(tx, made.id), made

    async def visible(self, caller: Caller, account_id: str | None, after: str, limit: int) -> Sequence[Webhook]:
        """Those of an account, or all that the caller manages, by id."""
        if account_id is not None:
            access.require_managed(caller, account_id)
        accounts = access.accounts_managed(caller) if account_id is None else {account_id}
        async with self.database.connection() as connection:
            return await webhooks.webhooks_after(connection, accounts, after, limit)

    async def webhook(self, caller: Caller, webhook_id: str) -> Webhook:
        async with self.database.connection() as connection:
            return access.require_visible(caller, webhook_id, await webhooks.webhook(connection, webhook_id))

    async def change(self, caller: Caller, webhook_id: str, change: Change, reason: str | None) -> Webhook:
        """Change what is given. What waits for a webhook that is disabled is dropped."""
        async with self.database.transaction() as tx:
            before = access.require_visible(caller, webhook_id, await webhooks.webhook(tx, webhook_id, is_locked=True))
            after = self._changed(before, change)
            if after == before:
                return before
            await self._record(caller, after, "webhook.change", reason)
            await webhooks.update(tx, after)
            if not after.is_enabled:
                await sending.drop_pending(tx, webhook_id, self.clock())
        return after

    async def delete(self, caller: Caller, webhook_id: str, reason: str | None) -> None:
        """Delete it with its log."""
        async with self.database.transaction() as tx:
            found = access.require_visible(caller, webhook_id, await webhooks.webhook(tx, webhook_id, is_locked=True))
            await self._record(caller, found, "webhook.delete", reason)
            await webhooks.delete(tx, webhook_id)

    async def new_secret(
        self, caller: Caller, webhook_id: str, overlap: timedelta, reason: str | None
    ) -> tuple[str, datetime]:
        """A new secret, told this once, and until when those before it are signed with as well."""
        async with self.database.transaction() as tx:
            found = access.require_visible(caller, webhook_id, await webhooks.webhook(tx, webhook_id, is_locked=True))
            await self._record(caller, found, "webhook.new_secret", reason)
            return await self._new_secret(tx, webhook_id, overlap), self.clock() + overlap

    def _url(self, url: str) -> str:
        """The URL as it is used; `NotAllowed` where nothing is ever sent to it. What names resolve to is seen later."""
        try:
            target = target_of(url, allow_http=self.allow_http)
        except UrlRefused as refusal:
            raise NotAllowed("url", str(refusal)) from None
        address = address_of(target.host)
        if address is not None and not is_allowed(address, self.private_networks):
            raise NotAllowed("url", f"must be at a public address, which {address} is not")
        return str(target)

    def _changed(self, before: Webhook, change: Change) -> Webhook:
        changed = replace(
            before,
            url=before.url if change.url is None else self._url(change.url),
            event_types=before.event_types if change.event_types is None else change.event_types,
            description=before.description if change.description is None else change.description,
        )
        if change.is_enabled and not before.is_enabled:
            return changed.enabled()
        if change.is_enabled is False and before.is_enabled:
            return changed.disabled(DisabledBecause.ASKED, self.clock())
        return changed

    async def _new_secret(self, tx: Connection, webhook_id: str, overlap: timedelta = SECRETS_OVERLAP) -> str:
        secret, now = new_webhook_secret(self.entropy), self.clock()
        key_id, sealed = self.keys.seal(webhook_id, secret)
        await secrets.replace(tx, webhook_id, key_id, sealed, now=now, ends_at=now + overlap)
        return secret

    async def _secret_again(self, tx: Connection, before: Webhook, wanted: Webhook) -> str:
        """For who asks again under the key of a webhook that they just made; nobody else is shown its secret."""
        is_same = _asked_for(before) == _asked_for(wanted)
        present = (await secrets.holding(tx, [before.id], self.clock()))[0]
        is_first = present.number == 1
        if not is_same or not is_first or wanted.created_at - before.created_at >= SHOWN_AGAIN:
            raise KeyReused(before.creation_key or "")
        return self.keys.open(before.id, present.key_id, present.sealed)

    async def _record(self, caller: Caller, webhook: Webhook, action: str, reason: str | None) -> None:
        id_ = f"{action}:{webhook.id}:{self.entropy(ID_BYTES).hex()}"
        await access.record(self.activity, caller, webhook, action, reason=reason, id_=id_)


def _asked_for(webhook: Webhook) -> tuple[object, ...]:
    """Who made it, and what they asked for."""
    said = (webhook.url, webhook.event_types, webhook.instance_id, webhook.description)
    return (webhook.created_by, *said)
