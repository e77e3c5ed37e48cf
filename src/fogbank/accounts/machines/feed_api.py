"""What processes without accounts ask: who has a key, what changed about credentials; and they tell of keys' uses."""

from dataclasses import dataclass, field
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from fogbank.accounts.client.machines import ChangesView, ChangeView, IntrospectionView
from fogbank.accounts.machines.changes import Changes
from fogbank.accounts.machines.lookup import KeyLookup
from fogbank.accounts.machines.rendering import caller_view
from fogbank.accounts.machines.using import Uses
from fogbank.runtime.credentials.key_uses import KeyUse
from fogbank.runtime.http.caller import ServiceCaller
from fogbank.runtime.http.problems import problem_responses
from fogbank.runtime.http.values import Address, Id, Instant, Secret

NUMBER_MAX = 2**63 - 1
USES_MAX = 1000


@dataclass(frozen=True, slots=True)
class Introspection:
    """A key to look up."""

    api_key: Secret = field(repr=False)


@dataclass(frozen=True, slots=True)
class Use:
    """When a key was last used, and from where; empty where that is not known."""

    key_id: Id
    at: Instant
    address: Address = ""


@dataclass(frozen=True, slots=True)
class UseReport:
    """The last uses of several keys."""

    uses: Annotated[list[Use], Field(max_length=USES_MAX)]


def feed_routes(lookup: KeyLookup, changes: Changes, uses: Uses) -> APIRouter:
    router = APIRouter(prefix="/api/v1/auth", tags=["for services"])

    @router.post("/api-keys:introspect", responses=problem_responses(401, 404))
    async def introspect_key(body: Introspection, _service: ServiceCaller) -> IntrospectionView:
        """For services: whose key it is, or null where it is unknown, revoked or expired."""
        facts = await lookup.facts(body.api_key)
        if facts is None:
            return IntrospectionView(None)
        return IntrospectionView(caller_view(facts.caller), facts.ends_at, [str(network) for network in facts.networks])

    @router.get("/credential-changes", responses=problem_responses(401, 404))
    async def read_credential_changes(
        _service: ServiceCaller,
        since: Annotated[int, Query(ge=0, le=NUMBER_MAX, description="The last number already seen.")] = 0,
    ) -> ChangesView:
        """For services: what no longer holds, after `since`."""
        page = await changes.after(since)
        told = [ChangeView(change.number, change.subject) for change in page.changes]
        return ChangesView(told, page.forgotten, page.newest, page.has_more)

    @router.post("/api-keys:used", responses=problem_responses(401, 404))
    async def report_uses(body: UseReport, _service: ServiceCaller) -> int:
        """How many uses were told of."""
        await uses.write([KeyUse(use.key_id, use.at, use.address) for use in body.uses])
        return len(body.uses)

    return router
