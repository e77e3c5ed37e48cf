"""The typed client of accounts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fogbank.accounts.client.activity import ActivitiesView, ActivityChainView, ActivityView
from fogbank.accounts.client.instances import InstancesView, InstanceTiersView, InstanceView, SetupView
from fogbank.accounts.client.organizations import MemberView
from fogbank.accounts.client.people import AccountView, UserView
from fogbank.accounts.client.signing_in import SessionView, TokenView
from fogbank.runtime.client import ServiceHttp
from fogbank.runtime.origin import present_origin

API = "/api/v1"
SESSION_HEADER = "x-session-token"
"""A session's token, when it is the thing to end."""
INSTANCES_PAGE = 1000


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

    async def token_for_session(
        self, session_token: str, audience: Sequence[str] | None = None, *, client_address: str | None = None
    ) -> TokenView:
        """A five-minute token that speaks for the session's user, to the services in `audience`, or to all.

        401 when the session has ended. `client_address` is the browser's, where somebody speaks for one.
        """
        body = {
            "grant_type": "session",
            "session_token": session_token,
            "audience": audience,
            "client_address": client_address,
        }
        return await self.service.post(f"{API}/auth/token", body, as_=TokenView)

    async def sign_out(self, session_token: str) -> None:
        """End a session."""
        await self.service.delete(f"{API}/auth/sessions/current", headers={SESSION_HEADER: session_token})

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
        account_id: str = "",
    ) -> ActivityView:
        """Write an act into the activity log; the same again is the same entry, other content under its id is 409.

        `account_id` is whose matter it is. Where the request at hand comes from goes along.
        """
        origin = present_origin()
        body = {
            "id": id_,
            "actor_id": actor_id,
            "action": action,
            "subject": subject,
            "reason": reason,
            "before": before,
            "after": after,
            "account_id": account_id,
            "address": origin.address,
            "agent": origin.agent,
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
