"""What a person does with keys: their own, and those of their organisations' service accounts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from fogbank.accounts.client.machines import (
    API_KEYS,
    ApiKeyCreatedView,
    ApiKeysView,
    ApiKeyView,
    ServiceAccountCreatedView,
    ServiceAccountsView,
    ServiceAccountView,
)
from fogbank.runtime.client import ServiceHttp

IDEMPOTENCY_KEY = "idempotency-key"
PAGE_MAX = 1000
API = "/api/v1"


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key to make: the caller's own, or a service account's. Without `networks` it is used from everywhere."""

    name: str
    scopes: Sequence[str]
    expires_at: datetime | None = None
    networks: Sequence[str] = ()
    service_account_id: str | None = None


@dataclass(frozen=True, slots=True)
class KeysClient:
    """Speaks to accounts as the person whose token `service` shows. What makes a secret takes a recent proof.

    `once` names an act: the same again, within 30 days, is the same answer.
    """

    service: ServiceHttp

    async def of(self, owner_id: str) -> list[ApiKeyView]:
        """All keys of a person or a service account, by id, those that hold no longer too."""
        found: list[ApiKeyView] = []
        after = ""
        while True:
            params = {"owner_id": owner_id, "after": after, "limit": PAGE_MAX}
            page = await self.service.get(API_KEYS, params=params, as_=ApiKeysView)
            found += page.api_keys
            if page.next_cursor is None:
                return found
            after = page.next_cursor

    async def key(self, key_id: str) -> ApiKeyView:
        return await self.service.get(f"{API_KEYS}/{key_id}", as_=ApiKeyView)

    async def create(self, key: NewKey, once: str) -> ApiKeyCreatedView:
        """`Problem` 403 for a scope that the caller has not, 422 for what is no network or no time to come."""
        return await self.service.post(API_KEYS, key, as_=ApiKeyCreatedView, headers={IDEMPOTENCY_KEY: once})

    async def rename(self, key_id: str, name: str) -> ApiKeyView:
        return await self.service.patch(f"{API_KEYS}/{key_id}", {"name": name}, as_=ApiKeyView)

    async def rotate(self, key_id: str, overlap_seconds: int, once: str) -> ApiKeyCreatedView:
        """A new secret; the old one works for `overlap_seconds` more, a week at most."""
        body = {"old_ends_after_seconds": overlap_seconds}
        path, headers = f"{API_KEYS}/{key_id}:rotate", {IDEMPOTENCY_KEY: once}
        return await self.service.post(path, body, as_=ApiKeyCreatedView, headers=headers)

    async def revoke(self, key_id: str) -> None:
        """Let it hold no longer, within seconds, everywhere."""
        await self.service.delete(f"{API_KEYS}/{key_id}")


@dataclass(frozen=True, slots=True)
class ServiceAccountsClient:
    """The same for service accounts: for those who may manage their organisation's keys."""

    service: ServiceHttp

    async def of(self, org_id: str) -> list[ServiceAccountView]:
        """All of an organisation, by id, those that were revoked too."""
        found: list[ServiceAccountView] = []
        after = ""
        while True:
            params = {"after": after, "limit": PAGE_MAX}
            path = f"{API}/organizations/{org_id}/service-accounts"
            page = await self.service.get(path, params=params, as_=ServiceAccountsView)
            found += page.service_accounts
            if page.next_cursor is None:
                return found
            after = page.next_cursor

    async def account(self, account_id: str) -> ServiceAccountView:
        return await self.service.get(f"{API}/service-accounts/{account_id}", as_=ServiceAccountView)

    async def create(
        self, org_id: str, *, name: str, role: str, scopes: Sequence[str], once: str
    ) -> ServiceAccountCreatedView:
        """`Problem` 403 where its role or scopes would be more than the caller has."""
        body = {"name": name, "role": role, "scopes": scopes}
        path, headers = f"{API}/organizations/{org_id}/service-accounts", {IDEMPOTENCY_KEY: once}
        return await self.service.post(path, body, as_=ServiceAccountCreatedView, headers=headers)

    async def change(
        self,
        account_id: str,
        *,
        name: str | None = None,
        role: str | None = None,
        scopes: Sequence[str] | None = None,
    ) -> ServiceAccountView:
        """Change what is given, for its tokens and keys as well. What it may do takes a recent proof; 403 likewise."""
        body = {"name": name, "role": role, "scopes": scopes}
        return await self.service.patch(f"{API}/service-accounts/{account_id}", body, as_=ServiceAccountView)

    async def rotate_secret(self, account_id: str, overlap_seconds: int, once: str) -> ServiceAccountCreatedView:
        """A new secret, as with keys."""
        body = {"old_ends_after_seconds": overlap_seconds}
        path, headers = f"{API}/service-accounts/{account_id}:rotate-secret", {IDEMPOTENCY_KEY: once}
        return await self.service.post(path, body, as_=ServiceAccountCreatedView, headers=headers)

    async def revoke(self, account_id: str) -> None:
        """Let it, and its keys, hold no longer."""
        await self.service.delete(f"{API}/service-accounts/{account_id}")
