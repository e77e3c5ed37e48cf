"""Routes of service accounts: for those who may manage their organisation's keys."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from fastapi import APIRouter

from fogbank.accounts.client.machines import ServiceAccountCreatedView, ServiceAccountsView, ServiceAccountView
from fogbank.accounts.client.permissions import Role
from fogbank.accounts.factors.proofs import RecentProofs
from fogbank.accounts.guards import READ, WRITE, After, Limit, UserCaller, next_cursor
from fogbank.accounts.machines.key_api import PAGE, Rotation, Scopes
from fogbank.accounts.machines.refusals import REFUSALS
from fogbank.accounts.machines.rendering import service_account_view
from fogbank.accounts.machines.service_accounts import ServiceAccounts, WantedServiceAccount
from fogbank.runtime.http.caller import CurrentCaller
from fogbank.runtime.http.problems import problem_responses
from fogbank.runtime.http.reason import GivenReason
from fogbank.runtime.http.values import Id, Name

MachineRole = Literal["admin", "billing", "member", "viewer"]
"""No machine owns an organisation."""


@dataclass(frozen=True, slots=True)
class NewServiceAccount:
    """A service account to make. `*` is the scope of all that its role allows."""

    name: Name
    role: MachineRole
    scopes: Scopes


@dataclass(frozen=True, slots=True)
class ServiceAccountChange:
    """What to change of a service account; what is not given stays."""

    name: Name | None = None
    role: MachineRole | None = None
    scopes: Scopes | None = None


def service_account_routes(accounts: ServiceAccounts, proofs: RecentProofs) -> APIRouter:
    """Who gets a secret by a session, or lets one do more, proves who they are, lately: it outlasts the session."""
    router = APIRouter(prefix="/api/v1", tags=["service accounts"], dependencies=REFUSALS)
    of_organization, one = "/organizations/{org_id}/service-accounts", "/service-accounts/{account_id}"

    @router.post(of_organization, status_code=201, dependencies=WRITE, responses=problem_responses(401, 403, 404, 409))
    async def create_service_account(
        org_id: Id, body: NewServiceAccount, caller: UserCaller, reason: GivenReason
    ) -> ServiceAccountCreatedView:
        """A machine of the organisation. Its client secret is shown here and never again."""
        wanted = WantedServiceAccount(body.name, Role(body.role), frozenset(body.scopes))
        await proofs.require_of_session(caller)
        secret, known = await accounts.create(caller, org_id, wanted, reason)
        return ServiceAccountCreatedView(known.account.id, secret, service_account_view(known, accounts.clock))

    @router.get(of_organization, dependencies=READ, responses=problem_responses(401, 403, 404))
    async def list_service_accounts(
        org_id: Id, caller: CurrentCaller, after: After = "", limit: Limit = PAGE
    ) -> ServiceAccountsView:
        """The organisation's machines, in pages by id."""
        found = await accounts.of(caller, org_id, after, limit)
        views = [service_account_view(known, accounts.clock) for known in found]
        return ServiceAccountsView(views, next_cursor([view.id for view in views], limit))

    @router.get(one, dependencies=READ, responses=problem_responses(401, 403, 404))
    async def read_service_account(account_id: Id, caller: CurrentCaller) -> ServiceAccountView:
        """A machine: its role, its scopes and its client id."""
        return service_account_view(await accounts.account(caller, account_id), accounts.clock)

    @router.patch(one, dependencies=WRITE, responses=problem_responses(401, 403, 404, 409))
    async def change_service_account(
        account_id: Id, body: ServiceAccountChange, caller: UserCaller, reason: GivenReason
    ) -> ServiceAccountView:
        """Change a machine's name, role or scopes; what is not given stays. Role and scopes take a recent proof."""
        if body.role is not None or body.scopes is not None:
            await proofs.require_of_session(caller)
        known = await accounts.change(
            caller,
            account_id,
            name=body.name,
            role=None if body.role is None else Role(body.role),
            scopes=None if body.scopes is None else frozenset(body.scopes),
            reason=reason,
        )
        return service_account_view(known, accounts.clock)

    @router.post(
        one + ":rotate-secret", status_code=201, dependencies=WRITE, responses=problem_responses(401, 403, 404, 409)
    )
    async def rotate_secret(
        account_id: Id, body: Rotation, caller: UserCaller, reason: GivenReason
    ) -> ServiceAccountCreatedView:
        """A new client secret, shown once; the old one works beside it for as long as is said."""
        overlap = timedelta(seconds=body.old_ends_after_seconds)
        await proofs.require_of_session(caller)
        secret, known = await accounts.rotate_secret(caller, account_id, overlap, reason)
        return ServiceAccountCreatedView(known.account.id, secret, service_account_view(known, accounts.clock))

    @router.delete(one, status_code=204, dependencies=WRITE, responses=problem_responses(401, 403, 404))
    async def revoke_service_account(account_id: Id, caller: UserCaller, reason: GivenReason) -> None:
        """End a machine with its keys and tokens, for good."""
        await accounts.revoke_once(caller, account_id, reason)

    return router
