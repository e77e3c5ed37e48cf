"""Routes of API keys: one's own, those of one's organisations' service accounts, anybody's for administrators."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, Field, StringConstraints

from fogbank.accounts.client.machines import ApiKeyCreatedView, ApiKeysView, ApiKeyView
from fogbank.accounts.factors.proofs import RecentProofs
from fogbank.accounts.guards import READ, WRITE, After, Limit, UserCaller, next_cursor
from fogbank.accounts.machines.keys import ApiKeys, WantedKey
from fogbank.accounts.machines.refusals import REFUSALS
from fogbank.accounts.machines.rendering import key_view
from fogbank.accounts.machines.rules import NETWORKS_MAX, OVERLAP_MAX
from fogbank.runtime.http.caller import CurrentCaller
from fogbank.runtime.http.problems import problem_responses
from fogbank.runtime.http.reason import GivenReason
from fogbank.runtime.http.values import Id, Name

Scope = Annotated[str, StringConstraints(pattern=r"^(\*|[a-z]{1,32}:(read|write))$")]
Scopes = Annotated[list[Scope], Field(min_length=1, max_length=32)]
Block = Annotated[str, StringConstraints(pattern=r"^[0-9A-Fa-f:.]{2,45}(/[0-9]{1,3})?$")]
DAY_SECONDS = 24 * 3600
Overlap = Annotated[int, Field(ge=0, le=int(OVERLAP_MAX.total_seconds()))]
PAGE = 100


@dataclass(frozen=True, slots=True)
class NewApiKey:
    """A key to make: one's own, or a service account's. `*` is the scope of all that its maker may do."""

    name: Name
    scopes: Scopes
    expires_at: AwareDatetime | None = None
    networks: Annotated[list[Block], Field(max_length=NETWORKS_MAX)] = field(default_factory=list)
    service_account_id: Id | None = None


@dataclass(frozen=True, slots=True)
class ApiKeyChange:
    """A key's new name."""

    name: Name


@dataclass(frozen=True, slots=True)
class Rotation:
    """For how long the old secret works beside the new one: a day unless said, a week at most."""

    old_ends_after_seconds: Overlap = DAY_SECONDS


def key_routes(keys: ApiKeys, proofs: RecentProofs) -> APIRouter:
    """Who makes a key by a session proves who they are, lately: a key outlasts what it was made by."""
    router = APIRouter(prefix="/api/v1/api-keys", tags=["API keys"], dependencies=REFUSALS)

    @router.post("", status_code=201, dependencies=WRITE, responses=problem_responses(401, 403, 404, 409))
    async def create_key(body: NewApiKey, caller: UserCaller, reason: GivenReason) -> ApiKeyCreatedView:
        """An API key, one's own or a service account's. Its secret is shown here and never again."""
        wanted = WantedKey(
            name=body.name,
            scopes=frozenset(body.scopes),
            expires_at=body.expires_at,
            networks=tuple(body.networks),
            service_account_id=body.service_account_id,
        )
        await proofs.require_of_session(caller)
        secret, known = await keys.create(caller, wanted, reason)
        return ApiKeyCreatedView(secret, key_view(known, keys.clock))

    @router.get("", dependencies=READ, responses=problem_responses(401, 403, 404))
    async def list_keys(
        caller: CurrentCaller,
        owner_id: Annotated[Id | None, Query(description="A user or service account; by default the caller.")] = None,
        after: After = "",
        limit: Limit = PAGE,
    ) -> ApiKeysView:
        """The API keys of the caller, or of `owner_id`, in pages by id; never their secrets."""
        found = await keys.of(caller, owner_id or caller.id, after, limit)
        views = [key_view(known, keys.clock) for known in found]
        return ApiKeysView(views, next_cursor([view.id for view in views], limit))

    @router.get("/{key_id}", dependencies=READ, responses=problem_responses(401, 403, 404))
    async def read_key(key_id: Id, caller: CurrentCaller) -> ApiKeyView:
        """An API key: its scopes, its end, its last use, and how its secret begins and ends."""
        return key_view(await keys.key(caller, key_id), keys.clock)

    @router.patch("/{key_id}", dependencies=WRITE, responses=problem_responses(401, 403, 404, 409))
    async def rename_key(key_id: Id, body: ApiKeyChange, caller: CurrentCaller, reason: GivenReason) -> ApiKeyView:
        """Give a key another name."""
        return key_view(await keys.rename(caller, key_id, body.name, reason), keys.clock)

    @router.post(
        "/{key_id}:rotate", status_code=201, dependencies=WRITE, responses=problem_responses(401, 403, 404, 409)
    )
    async def rotate_key(key_id: Id, body: Rotation, caller: UserCaller, reason: GivenReason) -> ApiKeyCreatedView:
        """A new secret for the key, shown once; the old one works beside it for as long as is said."""
        overlap = timedelta(seconds=body.old_ends_after_seconds)
        await proofs.require_of_session(caller)
        secret, known = await keys.rotate(caller, key_id, overlap, reason)
        return ApiKeyCreatedView(secret, key_view(known, keys.clock))

    @router.delete("/{key_id}", status_code=204, dependencies=WRITE, responses=problem_responses(401, 403, 404))
    async def revoke_key(key_id: Id, caller: CurrentCaller, reason: GivenReason) -> None:
        """End a key, for good and within seconds."""
        await keys.revoke_once(caller, key_id, reason)

    return router
