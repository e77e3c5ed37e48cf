"""Routes of transferring ownership."""

from dataclasses import dataclass

from fastapi import APIRouter

from fogbank.accounts.client import OwnershipOfferView
from fogbank.accounts.factors.proofs import RecentProofs
from fogbank.accounts.guards import READ, WRITE, UserCaller
from fogbank.accounts.organizations.model import OwnershipOffer
from fogbank.accounts.organizations.ownership import Ownership
from fogbank.accounts.organizations.refusals import REFUSALS
from fogbank.runtime.http.caller import CurrentCaller
from fogbank.runtime.http.problems import problem_responses
from fogbank.runtime.http.reason import GivenReason
from fogbank.runtime.http.values import Id


@dataclass(frozen=True, slots=True)
class NewOffer:
    """The member who shall be the owner."""

    user_id: Id


def ownership_routes(ownership: Ownership, proofs: RecentProofs) -> APIRouter:
    """Who offers their ownership proves who they are, lately: it may not come back."""
    router = APIRouter(
        prefix="/api/v1/organizations/{org_id}/ownership-offer", tags=["organisations"], dependencies=REFUSALS
    )

    @router.get("", dependencies=READ, responses=problem_responses(401, 403, 404, 410))
    async def read_offer(org_id: Id, caller: CurrentCaller) -> OwnershipOfferView:
        """The offer that stands, for every member."""
        return _view(await ownership.offered(caller, org_id))

    @router.post("", status_code=201, dependencies=WRITE, responses=problem_responses(401, 403, 404, 409))
    async def offer_ownership(org_id: Id, body: NewOffer, caller: UserCaller) -> OwnershipOfferView:
        """Offer one's own ownership to another member, for seven days. Takes a recent proof."""
        await proofs.require_of_session(caller)
        return _view(await ownership.offer(caller, org_id, body.user_id))

    @router.delete("", status_code=204, dependencies=WRITE, responses=problem_responses(401, 403, 404, 409))
    async def withdraw_offer(org_id: Id, caller: UserCaller, reason: GivenReason) -> None:
        """Withdraw the offer, as an owner, or decline it, as whom it is made to."""
        await ownership.withdraw_once(caller, org_id, reason)

    @router.post("/accept", dependencies=WRITE, responses=problem_responses(401, 403, 404, 409, 410))
    async def accept_ownership(org_id: Id, caller: UserCaller) -> OwnershipOfferView:
        """Become the owner; who offered it becomes an admin."""
        return _view(await ownership.accept(caller, org_id))

    return router


def _view(offer: OwnershipOffer) -> OwnershipOfferView:
    return OwnershipOfferView(
        offer.id, offer.org_id, offer.from_user_id, offer.to_user_id, offer.created_at, offer.expires_at
    )
