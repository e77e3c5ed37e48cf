"""Views of people and of payers, and a client for what a person keeps about themselves."""

from dataclasses import dataclass
from datetime import datetime
from types import NoneType

from fogbank.accounts.client.organizations import BelongingView
from fogbank.accounts.client.signing_in import SaidView
from fogbank.runtime.client import ServiceHttp

API = "/api/v1"


@dataclass(frozen=True, slots=True)
class UserView:
    """A person; `organizations` maps each organisation they belong to, to their role there.

    Who has not chosen their password themselves is asked to, at their first visit.
    """

    id: str
    email: str
    name: str
    status: str
    is_administrator: bool
    created_at: datetime
    organizations: dict[str, str]
    is_email_confirmed: bool = False
    has_chosen_password: bool = True


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
class PeopleClient:
    """Speaks to accounts as the person whose token `service` shows, about themselves."""

    service: ServiceHttp

    async def rename(self, user_id: str, name: str) -> UserView:
        return await self.service.patch(f"{API}/users/{user_id}", {"name": name}, as_=UserView)

    async def change_password(self, user_id: str, new: str, current: str | None) -> None:
        """End every other session by it.

        `Problem` 401 `wrong-credentials` without the current one, 403 `sign-in-again` where there is none and the
        session is not of just now, 422 `weak-password`.
        """
        body = {"new_password": new, "current_password": current}
        await self.service.put(f"{API}/users/{user_id}/password", body, as_=NoneType)

    async def change_email(self, user_id: str, email: str, current: str | None) -> None:
        """Ask the new address to confirm; nothing changes before. Problems likewise, and 503 `no-mail`."""
        body = {"email": email, "current_password": current}
        await self.service.put(f"{API}/users/{user_id}/email", body, as_=SaidView)

    async def belongings(self) -> list[BelongingView]:
        """What they are in each of their organisations, by id."""
        return await self.service.get(f"{API}/memberships", as_=list[BelongingView])

    async def leave(self, org_id: str, user_id: str) -> None:
        """`Problem` 409 `last-owner` for who is the last one."""
        await self.service.delete(f"{API}/organizations/{org_id}/members/{user_id}")

    async def close_account(self, user_id: str, typed_name: str) -> AccountView:
        """Close their own account for good, by its name; `Problem` 409 says what stands in the way."""
        path = f"{API}/accounts/{user_id}/close"
        return await self.service.post(path, {"name": typed_name}, as_=AccountView)
