"""What other components know of accounts: its views, and a typed client."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import httpx

from fogbank.runtime.auth import Caller, CallerKind
from fogbank.runtime.authenticator import HeaderAuthenticator
from fogbank.runtime.client import ServiceHttp, TokenSource
from fogbank.runtime.clock import Clock
from fogbank.runtime.remote_keys import RemoteKeys

API = "/api/v1"
SESSION_HEADER = "x-session-token"
"""A session's token, when it is the thing to end."""
INSTANCES_PAGE = 1000
RENEW_BEFORE = timedelta(minutes=1)
"""A service gets its next token this long before the old one ends."""


@dataclass(frozen=True, slots=True)
class UserView:
    """A person; `organizations` maps each organisation they belong to, to their role there."""

    id: str
    email: str
    name: str
    status: str
    is_administrator: bool
    created_at: datetime
    organizations: dict[str, str]


@dataclass(frozen=True, slots=True)
class UserSummaryView:
    """A person, as in a list."""

    id: str
    email: str
    name: str
    status: str
    is_administrator: bool
    created_at: datetime


@dataclass(frozen=True, slots=True)
class UsersView:
    """A page of users, by id; `next_cursor` is the `after` of the next page, or null at the end."""

    users: list[UserSummaryView]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class AccountView:
    """A payer: `kind` is `user` or `organization`, `status` is `active` or `suspended`."""

    id: str
    kind: str
    name: str
    status: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class OrganizationView:
    """An organisation."""

    id: str
    name: str
    status: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class OrganizationsView:
    """A page of organisations, by id; `next_cursor` is the `after` of the next page, or null at the end."""

    organizations: list[OrganizationView]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class MemberView:
    """Somebody in an organisation; `status` is their own, `active` or `suspended`."""

    user_id: str
    name: str
    email: str
    role: str
    status: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class InstanceView:
    """A machine that is measured; `account_id` pays for it: its organisation, else its user."""

    id: str
    name: str
    account_id: str
    user_id: str
    org_id: str | None
    created_at: datetime
    tier: str = "standard"


@dataclass(frozen=True, slots=True)
class InstancesView:
    """A page of instances, by id; `next_cursor` is the `after` of the next page, or null at the end."""

    instances: list[InstanceView]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class TierChangeView:
    """An instance came into a resource tier; `change` numbers all changes in the order in which they were made."""

    change: int
    instance_id: str
    tier: str
    since: datetime


@dataclass(frozen=True, slots=True)
class InstanceTiersView:
    """Changes of tiers, oldest first; `cursor` is the `changed_since` of those that follow."""

    changes: list[TierChangeView]
    cursor: int


@dataclass(frozen=True, slots=True)
class ApiKeyView:
    """A key as it may be shown again: its name and its ends, never the secret."""

    id: str
    name: str
    prefix: str
    last_four: str
    scopes: list[str]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True)
class ApiKeyCreatedView:
    """A new key, with its secret: shown this once."""

    api_key: str
    key: ApiKeyView


@dataclass(frozen=True, slots=True)
class SessionView:
    """A session; its token goes into the portal's cookie and nowhere else."""

    session_token: str
    user_id: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class TokenView:
    """A bearer token (a JWT) and when it ends."""

    access_token: str
    expires_at: datetime
    token_type: str


@dataclass(frozen=True, slots=True)
class CallerView:
    """Who an API key speaks for."""

    id: str
    organizations: dict[str, str]
    scopes: list[str]
    is_administrator: bool


@dataclass(frozen=True, slots=True)
class SetupView:
    """What an installation starts with; `password` only when this call made the administrator."""

    user_id: str
    org_id: str
    instance_id: str
    email: str
    sign_in_token: str
    password: str | None


@dataclass(frozen=True, slots=True)
class IntrospectionView:
    """Who an API key speaks for; null when it holds no longer."""

    caller: CallerView | None


@dataclass(frozen=True, slots=True)
class ActivityView:
    """An act in the activity log: who did what, to what, why, and the thing before and after it."""

    number: int
    at: datetime
    id: str
    actor_id: str
    action: str
    subject: str
    reason: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    hash: str


@dataclass(frozen=True, slots=True)
class ActivitiesView:
    """A page of the activity log, newest first; `next_cursor` is the `before` of the next page, or null at the end."""

    activities: list[ActivityView]
    next_cursor: int | None


@dataclass(frozen=True, slots=True)
class ActivityChainView:
    """What walking the log's chain found: how many entries, the hash of the last, and what is broken, if anything."""

    entries: int
    hash: str
    broken: list[str]


@dataclass(frozen=True, slots=True)
class AccountsClient:
    """Speaks to accounts; each call acts as the service or user whose token `service` shows."""

    service: ServiceHttp

    def as_caller(self, token: str) -> "AccountsClient":
        """The same, with a user's own token."""
        return AccountsClient(self.service.as_caller(token))

    async def me(self) -> UserView:
        return await self.service.get(f"{API}/users/me", as_=UserView)

    async def user(self, user_id: str) -> UserView:
        """A person: oneself, or anybody for administrators and services."""
        return await self.service.get(f"{API}/users/{user_id}", as_=UserView)

    async def members(self, org_id: str) -> list[MemberView]:
        """Everybody in an organisation, by user id."""
        return await self.service.get(f"{API}/organizations/{org_id}/members", as_=list[MemberView])

    async def account(self, account_id: str) -> AccountView:
        return await self.service.get(f"{API}/accounts/{account_id}", as_=AccountView)

    async def instances(self, account_id: str | None = None) -> list[InstanceView]:
        """All instances of an account, or, without one, all that the caller sees; by id."""
        found: list[InstanceView] = []
        after: str | None = None
        while True:
            params = {"account_id": account_id, "after": after, "limit": INSTANCES_PAGE}
            page = await self.service.get(f"{API}/instances", params=params, as_=InstancesView)
            found += page.instances
            after = page.next_cursor
            if after is None:
                return found

    async def instance(self, instance_id: str) -> InstanceView:
        """One instance; `Problem` 404 where there is none whose payer the caller may see."""
        return await self.service.get(f"{API}/instances/{instance_id}", as_=InstanceView)

    async def create_instance(
        self, *, instance_id: str, name: str, user_id: str, org_id: str | None = None
    ) -> InstanceView:
        """Register an instance; the same one again is the same answer, one with another owner is 409."""
        body = {"id": instance_id, "name": name, "user_id": user_id, "org_id": org_id}
        return await self.service.post(f"{API}/instances", body, as_=InstanceView)

    async def put_tier(self, instance_id: str, tier: str, reason: str) -> InstanceView:
        """Put an instance into a resource tier from now on. Administrators only."""
        body = {"tier": tier, "reason": reason}
        return await self.service.put(f"{API}/instances/{instance_id}/tier", body, as_=InstanceView)

    async def tiers_changed(self, changed_since: int) -> InstanceTiersView:
        """The next changes of tiers after that cursor, 0 for the first; none when there are none. Services only."""
        params = {"changed_since": changed_since, "limit": INSTANCES_PAGE}
        return await self.service.get(f"{API}/instances/tiers", params=params, as_=InstanceTiersView)

    async def sign_in(self, email: str, password: str, client_address: str) -> SessionView:
        """A session for the right password; 401 else. `client_address` is the browser's: failures count against it."""
        body = {"email": email, "password": password, "client_address": client_address}
        return await self.service.post(f"{API}/auth/sessions", body, as_=SessionView)

    async def sign_in_by_link(self, token: str) -> SessionView:
        """A session for a one-time sign-in link's token; 401 when it was used or has ended."""
        return await self.service.post(f"{API}/auth/sessions:link", {"token": token}, as_=SessionView)

    async def token_for_session(self, session_token: str, audience: Sequence[str] | None = None) -> TokenView:
        """A five-minute token that speaks for the session's user; 401 when the session has ended."""
        body = {"grant_type": "session", "session_token": session_token, "audience": audience}
        return await self.service.post(f"{API}/auth/token", body, as_=TokenView)

    async def sign_out(self, session_token: str) -> None:
        """End a session."""
        await self.service.delete(f"{API}/auth/sessions/current", headers={SESSION_HEADER: session_token})

    async def who_has_key(self, api_key: str) -> Caller | None:
        """Who an API key speaks for; None when it holds no longer. For services only."""
        answer = await self.service.post(f"{API}/auth/api-keys:introspect", {"api_key": api_key}, as_=IntrospectionView)
        return None if answer.caller is None else caller_of(answer.caller)

    async def setup(self, *, email: str, organization_name: str, instance_id: str, instance_name: str) -> SetupView:
        """Make the administrator, the organisation and this host's instance, once, and a new sign-in link."""
        body = {
            "email": email,
            "organization_name": organization_name,
            "instance_id": instance_id,
            "instance_name": instance_name,
        }
        return await self.service.post(f"{API}/setup", body, as_=SetupView)

    async def record_activity(
        self,
        *,
        id_: str,
        actor_id: str,
        action: str,
        subject: str,
        reason: str,
        before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any] | None = None,
    ) -> ActivityView:
        """Write an act into the activity log; the same again is the same entry, other content under its id is 409."""
        body = {
            "id": id_,
            "actor_id": actor_id,
            "action": action,
            "subject": subject,
            "reason": reason,
            "before": before,
            "after": after,
        }
        return await self.service.post(f"{API}/activity", body, as_=ActivityView)

    async def activity(
        self,
        *,
        subject: str | None = None,
        actor_id: str | None = None,
        action: str | None = None,
        before: int | None = None,
        limit: int | None = None,
    ) -> ActivitiesView:
        """A page of the activity log, newest first. For administrators and services."""
        params = {"subject": subject, "actor_id": actor_id, "action": action, "before": before, "limit": limit}
        return await self.service.get(f"{API}/activity", params=params, as_=ActivitiesView)

    async def activity_chain(self) -> ActivityChainView:
        """The whole activity log, hashed anew and compared. For administrators and services."""
        return await self.service.get(f"{API}/activity/chain", as_=ActivityChainView)


def caller_of(view: CallerView) -> Caller:
    """The user whom a key speaks for."""
    return Caller(
        id=view.id,
        kind=CallerKind.USER,
        organizations=view.organizations,
        scopes=frozenset(view.scopes),
        is_administrator=view.is_administrator,
    )


@dataclass(slots=True)
class ServiceToken:
    """A `TokenSource` by client credentials: asks for a token when it has none, and before the old one ends."""

    http: httpx.AsyncClient
    service_id: str
    secret: str = field(repr=False)
    clock: Clock
    _token: TokenView | None = None

    async def __call__(self) -> str:
        if self._token is None or self._token.expires_at - self.clock() < RENEW_BEFORE:
            body = {"grant_type": "client_credentials", "client_id": self.service_id, "client_secret": self.secret}
            self._token = await ServiceHttp(self.http).post(f"{API}/auth/token", body, as_=TokenView)
        return self._token.access_token


def remote_authenticator(
    *, http: httpx.AsyncClient, token: TokenSource, audience: Collection[str], clock: Clock
) -> HeaderAuthenticator:
    """For processes without accounts: verifies tokens by the keys that accounts publish, and asks it about API keys."""
    accounts = AccountsClient(ServiceHttp(http, token))
    return HeaderAuthenticator(audience, RemoteKeys(ServiceHttp(http), clock), accounts.who_has_key, clock)
