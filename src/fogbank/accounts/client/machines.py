"""Machines as others see them: API keys, service accounts, signing keys, and what processes without accounts ask."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime

from fogbank.kernel.networks import networks_of
from fogbank.runtime.auth import Caller, CallerKind
from fogbank.runtime.client import ServiceHttp
from fogbank.runtime.credentials.authenticator import KeyFacts
from fogbank.runtime.credentials.changes import Change, ChangesPage
from fogbank.runtime.credentials.key_uses import KeyUse
from fogbank.runtime.http.reason import reason_header

AUTH = "/api/v1/auth"
API_KEYS = "/api/v1/api-keys"
PAGE_MAX = 1000


@dataclass(frozen=True, slots=True)
class SecretView:
    """A secret as it may be shown again: its end, and until when it works; null while nothing follows it."""

    last_four: str
    created_at: datetime
    ends_at: datetime | None


@dataclass(frozen=True, slots=True)
class ApiKeyView:
    """A key as it may be shown again: its name and its ends, never a secret.

    It is a person's or a service account's. `secrets` are those that still work, the newest first: two while it is
    rotated. Without `networks` it may be used from everywhere.
    """

    id: str
    user_id: str | None
    service_account_id: str | None
    name: str
    prefix: str
    last_four: str
    secrets: list[SecretView]
    scopes: list[str]
    networks: list[str]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None
    last_used_address: str | None


@dataclass(frozen=True, slots=True)
class ApiKeysView:
    """A page of keys, by id; `next_cursor` is the `after` of the next page, or null at the end."""

    api_keys: list[ApiKeyView]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class ApiKeyCreatedView:
    """A key with a new secret: shown this once."""

    api_key: str = field(repr=False)
    key: ApiKeyView


@dataclass(frozen=True, slots=True)
class ServiceAccountView:
    """A machine of an organisation; its id is the `client_id` of its tokens."""

    id: str
    org_id: str
    name: str
    role: str
    scopes: list[str]
    secrets: list[SecretView]
    created_by: str
    created_at: datetime
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class ServiceAccountsView:
    """A page of service accounts, by id; `next_cursor` is the `after` of the next page, or null at the end."""

    service_accounts: list[ServiceAccountView]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class ServiceAccountCreatedView:
    """A service account with a new secret: shown this once."""

    client_id: str
    client_secret: str = field(repr=False)
    service_account: ServiceAccountView


@dataclass(frozen=True, slots=True)
class SigningKeyView:
    """A key that tokens are signed with: `state` is `waiting`, `signing` or `verifying`.

    It signs from `signs_from` on; `ends_at` is when the last of its tokens will have ended, null while no key follows.
    """

    kid: str
    state: str
    made_at: datetime
    signs_from: datetime
    ends_at: datetime | None


@dataclass(frozen=True, slots=True)
class SigningKeysView:
    """The signing keys that matter, in the order in which they sign."""

    signing_keys: list[SigningKeyView]


@dataclass(frozen=True, slots=True)
class CallerView:
    """Who an API key speaks for."""

    id: str
    kind: str
    organizations: dict[str, str]
    scopes: list[str]
    is_administrator: bool
    key_id: str


@dataclass(frozen=True, slots=True)
class IntrospectionView:
    """Who an API key speaks for, until when and from which networks; null when it holds no longer."""

    caller: CallerView | None
    ends_at: datetime | None = None
    networks: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ChangeView:
    """Something changed about `subject`: a user, an organisation, a session, a key or a service account."""

    number: int
    subject: str


@dataclass(frozen=True, slots=True)
class ChangesView:
    """The next changes of credentials; those up to `forgotten` are no longer told, `newest` numbers the last made."""

    changes: list[ChangeView]
    forgotten: int
    newest: int
    has_more: bool


@dataclass(frozen=True, slots=True)
class MachinesClient:
    """Speaks to accounts about machines, as the service whose token `service` shows."""

    service: ServiceHttp

    async def key_facts(self, api_key: str) -> KeyFacts | None:
        """Who an API key speaks for; None when it holds no longer. For services only."""
        answer = await self.service.post(f"{AUTH}/api-keys:introspect", {"api_key": api_key}, as_=IntrospectionView)
        if answer.caller is None:
            return None
        return KeyFacts(_caller_of(answer.caller), answer.ends_at, networks_of(answer.networks))

    async def changes_after(self, number: int) -> ChangesPage:
        """The next changes of credentials after that number. For services only."""
        params = {"since": number}
        page = await self.service.get(f"{AUTH}/credential-changes", params=params, as_=ChangesView)
        changes = [Change(each.number, each.subject) for each in page.changes]
        return ChangesPage(changes, page.forgotten, page.newest, page.has_more)

    async def report_uses(self, uses: Sequence[KeyUse]) -> None:
        """Say when keys were last used. For services only."""
        for start in range(0, len(uses), PAGE_MAX):
            body = {"uses": [asdict(use) for use in uses[start : start + PAGE_MAX]]}
            await self.service.post(f"{AUTH}/api-keys:used", body, as_=int)

    async def signing_keys(self) -> SigningKeysView:
        """The keys that tokens are signed with. For administrators and services."""
        return await self.service.get(f"{AUTH}/signing-keys", as_=SigningKeysView)

    async def rotate_signing_keys(self) -> SigningKeysView:
        """Let a new signing key follow; while one is waiting already, nothing. For administrators and services."""
        return await self.service.post(f"{AUTH}/signing-keys:rotate", {}, as_=SigningKeysView)

    async def api_keys(self, *, owner_id: str, after: str = "", limit: int = PAGE_MAX) -> ApiKeysView:
        """The keys of a person or a service account, by id. For administrators and services."""
        params = {"owner_id": owner_id, "after": after, "limit": limit}
        return await self.service.get(API_KEYS, params=params, as_=ApiKeysView)

    async def revoke_api_key(self, key_id: str, reason: str) -> None:
        """Let a key hold no longer."""
        await self.service.delete(f"{API_KEYS}/{key_id}", headers=reason_header(reason))


def _caller_of(view: CallerView) -> Caller:
    return Caller(
        id=view.id,
        kind=CallerKind(view.kind),
        organizations=view.organizations,
        scopes=frozenset(view.scopes),
        is_administrator=view.is_administrator,
        key_id=view.key_id,
    )
