"""Usage's routes for services: totals for billing, figures for the audit."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Query

from fogbank.runtime.http.caller import ServiceCaller
from fogbank.runtime.http.problems import problem_responses
from fogbank.usage.auditing import Auditing
from fogbank.usage.client import Totals, UsageFigures
from fogbank.usage.totalling import Totalling


def service_routes(totalling: Totalling, auditing: Auditing) -> Sequence[APIRouter]:
    """The routes for services."""
    router = APIRouter(prefix="/api/v1/usage", tags=["usage"])

    @router.get("/totals", responses=problem_responses(401, 404, 422))
    async def read_totals(
        _caller: ServiceCaller,
        changed_since: Annotated[
            int, Query(ge=0, le=2**63 - 1, description="The cursor of the last answer, or 0.")
        ] = 0,
        account_id: Annotated[str | None, Query(description="Only this payer's, moved or not.")] = None,
    ) -> Totals:
        """For services: each payer's months so far, of those that moved after the cursor."""
        if account_id is not None:
            return await totalling.of_account(account_id)
        return await totalling.changed_since(changed_since)

    @router.get("/figures", responses=problem_responses(401, 404))
    async def read_figures(_caller: ServiceCaller) -> UsageFigures:
        """For the audit: the queue's readings decoded anew, and the store added up in every way it can be."""
        return await auditing.figures()

    return [router]
