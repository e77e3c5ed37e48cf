"""Routes of API keys: a user's own, which administrators may revoke."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter
from pydantic import AwareDatetime, Field, StringConstraints

from fogbank.accounts.client import ApiKeyCreatedView, ApiKeyView
from fogbank.accounts.guards import READ, WRITE, UserCaller
from fogbank.accounts.machines.keys import ApiKeys
from fogbank.accounts.model import ApiKey
from fogbank.accounts.refusals import REFUSALS
from fogbank.runtime.authenticator import API_KEY_PREFIX
from fogbank.runtime.http.caller import CurrentCaller
from fogbank.runtime.http.problems import problem_responses
from fogbank.runtime.http.values import Id, Name

Scope = Annotated[str, StringConstraints(pattern=r"^(\*|[a-z]{1,32}:(read|write))$")]


@dataclass(frozen=True, slots=True)
class NewApiKey:
    """A key to make. `scopes` are `<component>:read`, `<component>:write`, or `*` for all that its maker may do."""

    name: Name
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=32)]
    expires_at: AwareDatetime | None = None


def key_routes(keys: ApiKeys) -> APIRouter:
    router = APIRouter(prefix="/api/v1/api-keys", tags=["API keys"], dependencies=REFUSALS)

    @router.post("", status_code=201, dependencies=WRITE, responses=problem_responses(401, 403))
    async def create_key(body: NewApiKey, caller: UserCaller) -> ApiKeyCreatedView:
        secret, key = await keys.create(caller, body.name, frozenset(body.scopes), body.expires_at)
        return ApiKeyCreatedView(secret, _view(key))

    @router.get("", dependencies=READ, responses=problem_responses(401, 403))
    async def list_keys(caller: UserCaller) -> list[ApiKeyView]:
        return [_view(key) for key in await keys.of(caller.id)]

    @router.delete("/{key_id}", status_code=204, dependencies=WRITE, responses=problem_responses(401, 403, 404))
    async def revoke_key(key_id: Id, caller: CurrentCaller) -> None:
        await keys.revoke_once(caller, key_id)

    return router


def _view(key: ApiKey) -> ApiKeyView:
    return ApiKeyView(
        id=key.id,
        name=key.name,
        prefix=API_KEY_PREFIX,
        last_four=key.last_four,
        scopes=sorted(key.scopes),
        created_at=key.created_at,
        expires_at=key.expires_at,
        revoked_at=key.revoked_at,
        last_used_at=key.last_used_at,
    )
