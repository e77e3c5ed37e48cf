"""Routes of users."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter
from pydantic import Field

from fogbank.accounts.client import AccountView, UserSummaryView, UsersView, UserView
from fogbank.accounts.guards import READ, WRITE, After, Limit, UserCaller, next_cursor
from fogbank.accounts.model import Status, User
from fogbank.accounts.people.service import People, Person
from fogbank.accounts.refusals import REFUSALS
from fogbank.accounts.rules import PASSWORD_CHARACTERS_MAX, PASSWORD_CHARACTERS_MIN
from fogbank.runtime.http.caller import AdministratorCaller, CurrentCaller
from fogbank.runtime.http.problems import problem_responses
from fogbank.runtime.http.values import Email, Id, Name, Secret

NewPassword = Annotated[Secret, Field(min_length=PASSWORD_CHARACTERS_MIN, max_length=PASSWORD_CHARACTERS_MAX)]
PAGE = 100


@dataclass(frozen=True, slots=True)
class NewUser:
    """A user to make; without a password they sign in by links."""

    email: Email
    name: Name
    password: NewPassword | None = None


@dataclass(frozen=True, slots=True)
class UserChange:
    """What to change of a user; what is not given stays."""

    name: Name | None = None
    status: Status | None = None
    is_administrator: bool | None = None


@dataclass(frozen=True, slots=True)
class PasswordChange:
    """A new password; one's own change takes the current one."""

    new_password: NewPassword
    current_password: Secret | None = None


def people_routes(people: People) -> APIRouter:
    router = APIRouter(prefix="/api/v1", tags=["people"], dependencies=REFUSALS)

    @router.get("/users/me", dependencies=READ, responses=problem_responses(401, 403, 404))
    async def read_me(caller: UserCaller) -> UserView:
        return _view(await people.person(caller, caller.id))

    @router.get("/users", dependencies=READ, responses=problem_responses(401, 403, 404))
    async def list_users(_caller: AdministratorCaller, after: After = "", limit: Limit = PAGE) -> UsersView:
        users = await people.users(after, limit)
        return UsersView([_summary(user) for user in users], next_cursor([user.id for user in users], limit))

    @router.post("/users", status_code=201, dependencies=WRITE, responses=problem_responses(401, 403, 404, 409))
    async def create_user(body: NewUser, _caller: AdministratorCaller) -> UserView:
        return _view(Person(await people.create_user(body.email, body.name, body.password), {}))

    @router.get("/users/{user_id}", dependencies=READ, responses=problem_responses(401, 403, 404))
    async def read_user(user_id: Id, caller: CurrentCaller) -> UserView:
        return _view(await people.person(caller, user_id))

    @router.patch("/users/{user_id}", dependencies=WRITE, responses=problem_responses(401, 403, 404))
    async def change_user(user_id: Id, body: UserChange, caller: CurrentCaller) -> UserView:
        person = await people.change_user(
            caller, user_id, name=body.name, status=body.status, is_administrator=body.is_administrator
        )
        return _view(person)

    @router.put(
        "/users/{user_id}/password",
        status_code=204,
        dependencies=WRITE,
        responses=problem_responses(401, 403, 404),
    )
    async def change_password(user_id: Id, body: PasswordChange, caller: CurrentCaller) -> None:
        await people.change_password(caller, user_id, body.current_password, body.new_password)

    @router.get("/accounts/{account_id}", dependencies=READ, responses=problem_responses(401, 403, 404))
    async def read_account(account_id: Id, caller: CurrentCaller) -> AccountView:
        account = await people.account(caller, account_id)
        return AccountView(account.id, account.kind, account.name, account.status, account.created_at)

    return router


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
    )
