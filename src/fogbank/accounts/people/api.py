"""Routes of users."""

from dataclasses import dataclass, field
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import Field

from fogbank.accounts.client import AccountView, SaidView, SignInLinkView, UserSummaryView, UsersView, UserView
from fogbank.accounts.factors.proofs import RecentProofs
from fogbank.accounts.guards import READ, WRITE, After, Limit, UserCaller, next_cursor
from fogbank.accounts.model import Status, User
from fogbank.accounts.people.credentials import Credentials
from fogbank.accounts.people.service import People, Person, UserChange
from fogbank.accounts.rules import PASSWORD_CHARACTERS_MAX
from fogbank.accounts.signing_in.refusals import REFUSALS
from fogbank.runtime.auth import Caller
from fogbank.runtime.http.caller import AdministratorCaller, CurrentCaller
from fogbank.runtime.http.describing import example
from fogbank.runtime.http.problems import problem_responses
from fogbank.runtime.http.reason import GivenReason
from fogbank.runtime.http.values import Email, Id, Name, Secret

NewPassword = Annotated[Secret, Field(max_length=PASSWORD_CHARACTERS_MAX)]
PAGE = 100
ACCOUNT = {
    "id": "org_789012",
    "kind": "organization",
    "name": "Harbour Works",
    "status": "active",
    "created_at": "2026-11-01T09:30:00Z",
}
ASKED = SaidView("The new address is asked to confirm; until it does, nothing changes.")
CHANGED = SaidView("The account has this address now.")


@dataclass(frozen=True, slots=True)
class NewUser:
    """A user to make; without a password they sign in by links."""

    email: Email
    name: Name
    password: NewPassword | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class UserPatch:
    """What to change of a user; what is not given stays."""

    name: Name | None = None
    status: Literal["active", "suspended"] | None = None
    is_administrator: bool | None = None


@dataclass(frozen=True, slots=True)
class PasswordChange:
    """A new password; one's own change takes the current one, unless one came by a link within the hour."""

    new_password: NewPassword = field(repr=False)
    current_password: Secret | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class EmailChange:
    """Another address; one's own change takes the current password likewise."""

    email: Email
    current_password: Secret | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class NewSignInLink:
    """A way in for somebody; `by_email` sends it to their address, too."""

    by_email: bool = False


def people_routes(people: People, proofs: RecentProofs) -> APIRouter:
    """An administrator who gives somebody a way in, or more to do, proves who they are lately: it outlasts sessions."""
    router = APIRouter(prefix="/api/v1", tags=["people"], dependencies=REFUSALS)

    @router.get("/users/me", dependencies=READ, responses=problem_responses(401, 403, 404))
    async def read_me(caller: UserCaller) -> UserView:
        """Who calls: a person, as signed in."""
        return _view(await people.person(caller, caller.id))

    @router.get("/users", dependencies=READ, responses=problem_responses(401, 403, 404))
    async def list_users(
        _caller: AdministratorCaller,
        email: Annotated[Email | None, Query(description="Only whoever has this address.")] = None,
        after: After = "",
        limit: Limit = PAGE,
    ) -> UsersView:
        """For administrators: everybody who has an account, or who has that address."""
        if email is not None:
            return UsersView([_summary(user) for user in await people.users_by_email(email)], None)
        users = await people.users(after, limit)
        return UsersView([_summary(user) for user in users], next_cursor([user.id for user in users], limit))

    @router.post("/users", status_code=201, dependencies=WRITE, responses=problem_responses(401, 403, 404, 409))
    async def create_user(body: NewUser, caller: AdministratorCaller, reason: GivenReason) -> UserView:
        """Make a user, as an administrator who says why. Takes a recent proof."""
        await proofs.require_of_session(caller)
        return _view(Person(await people.create_user(caller, body.email, body.name, body.password, reason=reason), {}))

    @router.get("/users/{user_id}", dependencies=READ, responses=problem_responses(401, 403, 404))
    async def read_user(user_id: Id, caller: CurrentCaller) -> UserView:
        """A person: one's own account, or for administrators anybody's."""
        return _view(await people.person(caller, user_id))

    @router.patch("/users/{user_id}", dependencies=WRITE, responses=problem_responses(401, 403, 404, 409))
    async def change_user(user_id: Id, body: UserPatch, caller: CurrentCaller, reason: GivenReason) -> UserView:
        """Change one's own name; or, as an administrator who says why, anything of anybody.

        To make an administrator, or to let somebody in again, takes a recent proof.
        """
        await _require_proof(proofs, caller, where=body.is_administrator is True or body.status == "active")
        change = UserChange(body.name, None if body.status is None else Status(body.status), body.is_administrator)
        return _view(await people.change_user(caller, user_id, change, reason=reason))

    @router.get(
        "/accounts/{account_id}", dependencies=READ, responses={**problem_responses(401, 403, 404), **example(ACCOUNT)}
    )
    async def read_account(account_id: Id, caller: CurrentCaller) -> AccountView:
        """Who pays: a user or an organisation, by its id, with its name and its standing."""
        account = await people.account(caller, account_id)
        return AccountView(account.id, account.kind, account.name, account.status, account.created_at)

    return router


def credential_routes(credentials: Credentials, proofs: RecentProofs) -> APIRouter:
    """Likewise."""
    router = APIRouter(prefix="/api/v1/users/{user_id}", tags=["people"], dependencies=REFUSALS)

    @router.put("/password", status_code=204, dependencies=WRITE, responses=problem_responses(401, 403, 404, 429))
    async def change_password(user_id: Id, body: PasswordChange, caller: CurrentCaller, reason: GivenReason) -> None:
        """Set a password and end every other session: one's own with the current one, another's with a reason.

        Another's takes a recent proof.
        """
        await _require_proof(proofs, caller, where=caller.id != user_id)
        await credentials.change_password(caller, user_id, body.current_password, body.new_password, reason=reason)

    @router.put(
        "/email", status_code=202, dependencies=WRITE, responses=problem_responses(401, 403, 404, 409, 429, 503)
    )
    async def change_email(user_id: Id, body: EmailChange, caller: CurrentCaller, reason: GivenReason) -> SaidView:
        """Change an address: one's own once the new one has confirmed it, another's at once, with a reason.

        Another's takes a recent proof.
        """
        await _require_proof(proofs, caller, where=caller.id != user_id)
        await credentials.change_email(caller, user_id, body.email, body.current_password, reason=reason)
        return ASKED if caller.id == user_id else CHANGED

    @router.post("/sign-in-links", status_code=201, dependencies=WRITE, responses=problem_responses(401, 403, 404, 503))
    async def create_sign_in_link(
        user_id: Id, body: NewSignInLink, caller: AdministratorCaller, reason: GivenReason
    ) -> SignInLinkView:
        """Make a sign-in link to give to somebody, as an administrator who says why. Takes a recent proof."""
        await proofs.require_of_session(caller)
        link = await credentials.new_link(caller, user_id, reason=reason, by_email=body.by_email)
        return SignInLinkView(link.token, link.url)

    return router


async def _require_proof(proofs: RecentProofs, caller: Caller, *, where: bool) -> None:
    """Ask an administrator for a recent proof, `where` it takes one; who is none is refused by what they ask for."""
    if where and caller.sees_everything:
        await proofs.require_of_session(caller)


def _summary(user: User) -> UserSummaryView:
    return UserSummaryView(user.id, user.email, user.name, user.status, user.is_administrator, user.created_at)


def _view(person: Person) -> UserView:
    user = person.user
    return UserView(
        id=user.id,
        email=user.email,
        name=user.name,
        status=user.status,
        is_administrator=user.is_administrator,
        created_at=user.created_at,
        organizations={org_id: role.value for org_id, role in person.roles.items()},
        is_email_confirmed=user.email_confirmed_at is not None,
        has_chosen_password=user.password_chosen_at is not None,
    )
