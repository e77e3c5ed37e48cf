"""Routes of standings: suspend, restore, close; and the changes, for services."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query

from fogbank.accounts.client import AccountView, StandingChangeView, StandingsView
from fogbank.accounts.factors.proofs import RecentProofs
from fogbank.accounts.guards import WRITE, Limit
from fogbank.accounts.model import Account, Status
from fogbank.accounts.organizations.refusals import REFUSALS
from fogbank.accounts.organizations.standing.model import StandingChange
from fogbank.accounts.organizations.standing.service import Standings
from fogbank.runtime.http.caller import AdministratorCaller, CurrentCaller, ServiceCaller
from fogbank.runtime.http.problems import problem_responses
from fogbank.runtime.http.reason import GivenReason
from fogbank.runtime.http.values import Id, Name

PAGE = 100


@dataclass(frozen=True, slots=True)
class Closing:
    """The account's name, typed by its owner, so that nothing is closed by mistake; administrators leave it out."""

    name: Name | None = None


def standing_routes(standings: Standings) -> APIRouter:
    router = APIRouter(prefix="/api/v1", tags=["standings"], dependencies=REFUSALS)

    @router.post("/accounts/{account_id}/suspend", dependencies=WRITE, responses=problem_responses(401, 403, 404, 409))
    async def suspend_account(account_id: Id, caller: AdministratorCaller, reason: GivenReason) -> AccountView:
        """For administrators: what is running stays, nothing new is made, and a user is signed out."""
        return _view(await standings.put(caller, account_id, Status.SUSPENDED, reason))

    @router.post("/accounts/{account_id}/restore", dependencies=WRITE, responses=problem_responses(401, 403, 404, 409))
    async def restore_account(account_id: Id, caller: AdministratorCaller, reason: GivenReason) -> AccountView:
        """For administrators: let a suspended account be as it was."""
        return _view(await standings.put(caller, account_id, Status.ACTIVE, reason))

    @router.get("/standings", responses=problem_responses(401, 404))
    async def read_standings(
        _service: ServiceCaller,
        changed_since: Annotated[
            int, Query(ge=0, le=2**63 - 1, description="The cursor of the last answer, or 0.")
        ] = 0,
        limit: Limit = PAGE,
    ) -> StandingsView:
        """For services: which account came into which standing when, after the cursor, oldest first."""
        changes = await standings.changes(changed_since, limit)
        return StandingsView(
            [_change_view(change) for change in changes], changes[-1].change if changes else changed_since
        )

    return router


def closing_routes(standings: Standings, proofs: RecentProofs) -> APIRouter:
    """Who closes what is their own proves who they are, lately: nobody opens it again."""
    router = APIRouter(prefix="/api/v1", tags=["standings"], dependencies=REFUSALS)

    @router.post("/accounts/{account_id}/close", dependencies=WRITE, responses=problem_responses(401, 403, 404, 409))
    async def close_account(account_id: Id, body: Closing, caller: CurrentCaller, reason: GivenReason) -> AccountView:
        """Close one's own account or organisation for good, with a recent proof; or, as an administrator, any."""
        if account_id in caller.visible_accounts:
            await proofs.require_of_session(caller)
        return _view(await standings.close(caller, account_id, body.name or "", reason))

    return router


def _view(account: Account) -> AccountView:
    return AccountView(account.id, account.kind, account.name, account.status, account.created_at)


def _change_view(change: StandingChange) -> StandingChangeView:
    return StandingChangeView(change.change, change.account_id, change.kind, change.before, change.status, change.at)
