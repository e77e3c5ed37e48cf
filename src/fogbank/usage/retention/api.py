"""Retention's routes, for administrators: policies, what they would drop, and applying them now."""

from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, field
from typing import Annotated, TypeVar

from fastapi import APIRouter
from pydantic import Field, StringConstraints

from fogbank.runtime.http.caller import AdministratorCaller
from fogbank.runtime.http.problems import problem_responses
from fogbank.runtime.http.values import Id
from fogbank.runtime.problems import Problem
from fogbank.usage.client.retention import (
    RETENTION_PATH,
    DataClass,
    Keep,
    PolicyToSet,
    PolicyView,
    ProposedPolicy,
    RetentionChange,
    RetentionView,
)
from fogbank.usage.errors import NotAllowed
from fogbank.usage.retention.errors import NeedUnknown, NotAtRest
from fogbank.usage.retention.policies import PolicyService
from fogbank.usage.retention.service import RetentionService

T = TypeVar("T")

PROPOSED_MAX = 1_000
RETRY_SECONDS = "30"

Reason = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[^\x00]{1,1000}$")]


@dataclass(frozen=True, slots=True)
class Proposed:
    """A policy to try."""

    data_class: DataClass
    keep: Keep
    account_id: Id | None = None


@dataclass(frozen=True, slots=True)
class PolicyBody:
    """A policy to set: of one payer, or with no `account_id` of every payer that has none of its own."""

    data_class: DataClass
    keep: Keep
    reason: Reason
    account_id: Id | None = None


@dataclass(frozen=True, slots=True)
class PreviewBody:
    """Policies to try on top of those that are set; with `thorough`, partitions with little to free go as well."""

    policies: Annotated[list[Proposed], Field(max_length=PROPOSED_MAX)] = field(default_factory=list)
    thorough: bool = False


@dataclass(frozen=True, slots=True)
class RunBody:
    """Why policies are applied now; with `thorough`, partitions with little to free go as well."""

    reason: Reason
    thorough: bool = False


def retention_routes(policies: PolicyService, service: RetentionService) -> Sequence[APIRouter]:
    """The routes of retention."""
    router = APIRouter(prefix=RETENTION_PATH, tags=["retention"])

    @router.get("", responses=problem_responses(401, 404))
    async def read_retention(_administrator: AdministratorCaller) -> RetentionView:
        """For administrators: policies, the floors that they raised, and what each class takes on disk."""
        return await policies.view()

    @router.put("/policies", responses=problem_responses(401, 404, 422, 503))
    async def set_policy(body: PolicyBody, administrator: AdministratorCaller) -> PolicyView:
        """For administrators: how long a class of data is kept. Drops nothing by itself; the daily run applies it."""
        policy = PolicyToSet(body.data_class, body.keep, body.reason, body.account_id)
        return await _or_problem(policies.set_policy(policy, administrator.id))

    @router.post("/preview", responses=problem_responses(401, 404, 422, 503))
    async def preview(body: PreviewBody, _administrator: AdministratorCaller) -> RetentionChange:
        """For administrators: what a run would drop now, by class, partition and payer. Changes nothing."""
        proposed = [ProposedPolicy(each.data_class, each.keep, each.account_id) for each in body.policies]
        return await _or_problem(service.preview(proposed, thorough=body.thorough))

    @router.post("/runs", responses=problem_responses(401, 404, 422, 503))
    async def run(body: RunBody, administrator: AdministratorCaller) -> RetentionChange:
        """For administrators: apply the policies now. Safe to repeat; nothing goes that billing still needs."""
        await policies.record_run(administrator.id, body.reason)
        return await _or_problem(service.apply(thorough=body.thorough))

    return [router]


async def _or_problem(work: Awaitable[T]) -> T:
    try:
        return await work
    except NotAllowed as error:
        errors = [{"field": f"body.{error.field}", "reason": error.reason}]
        detail = f"The request is not valid: {error}."
        raise Problem(422, "invalid-request", detail, extra={"errors": errors}) from None
    except NeedUnknown as error:
        raise _not_now(f"It is not known what invoices still need: {error}") from None
    except NotAtRest as error:
        raise _not_now(f"Retention waits: {error}") from None


def _not_now(what: str) -> Problem:
    detail = f"{what}; nothing was dropped. Try again in a while."
    return Problem(503, "retention-waits", detail, headers={"retry-after": RETRY_SECONDS})
