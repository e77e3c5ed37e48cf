"""A client for the people of an organisation: what it is, who is in it, who is invited, and who shall own it."""

from dataclasses import dataclass

from fogbank.accounts.client.organizations import (
    InvitationAcceptedView,
    InvitationSentView,
    InvitationsView,
    InvitationView,
    MemberView,
    OrganizationView,
    OwnershipOfferView,
    SecondFactorView,
    WaitingInvitationView,
)
from fogbank.accounts.client.people import AccountView
from fogbank.runtime.client import ServiceHttp
from fogbank.runtime.problems import Problem

API = "/api/v1"
KEY_HEADER = "idempotency-key"
PAGE = 1000
OFFER_ENDED = "offer-ended"


@dataclass(frozen=True, slots=True)
class TeamsClient:
    """Speaks to accounts as one caller, of one organisation at a time. A `key` names an act: twice is once."""

    service: ServiceHttp

    async def organization(self, org_id: str) -> OrganizationView:
        return await self.service.get(_path(org_id), as_=OrganizationView)

    async def create(self, name: str, *, key: str) -> OrganizationView:
        """Make one and own it. The caller's next token knows it."""
        headers = {KEY_HEADER: key}
        return await self.service.post(f"{API}/organizations", {"name": name}, as_=OrganizationView, headers=headers)

    async def rename(self, org_id: str, name: str) -> OrganizationView:
        return await self.service.patch(_path(org_id), {"name": name}, as_=OrganizationView)

    async def close(self, org_id: str, typed_name: str) -> AccountView:
        """For good; `Problem` 422 for another name than its own, 409 while it is not settled."""
        body = {"name": typed_name}
        return await self.service.post(f"{API}/accounts/{org_id}/close", body, as_=AccountView)

    async def members(self, org_id: str) -> list[MemberView]:
        """Everybody in it, by id."""
        return await self.service.get(f"{_path(org_id)}/members", as_=list[MemberView])

    async def set_role(self, org_id: str, user_id: str, role: str) -> MemberView:
        return await self.service.put(f"{_path(org_id)}/members/{user_id}", {"role": role}, as_=MemberView)

    async def remove(self, org_id: str, user_id: str) -> None:
        await self.service.delete(f"{_path(org_id)}/members/{user_id}")

    async def open_invitations(self, org_id: str) -> list[InvitationView]:
        """Those that nobody accepted or revoked, be their time over or not; by id."""
        found: list[InvitationView] = []
        after: str | None = None
        while True:
            params = {"with_ended": "false", "after": after, "limit": PAGE}
            page = await self.service.get(f"{_path(org_id)}/invitations", params=params, as_=InvitationsView)
            found += page.invitations
            after = page.next_cursor
            if after is None:
                return found

    async def invite(self, org_id: str, email: str, role: str, *, key: str) -> InvitationSentView:
        body, headers = {"email": email, "role": role}, {KEY_HEADER: key}
        return await self.service.post(f"{_path(org_id)}/invitations", body, as_=InvitationSentView, headers=headers)

    async def resend(self, org_id: str, invitation_id: str) -> InvitationSentView:
        path = f"{_path(org_id)}/invitations/{invitation_id}/resend"
        return await self.service.post(path, {}, as_=InvitationSentView)

    async def revoke(self, org_id: str, invitation_id: str) -> None:
        await self.service.delete(f"{_path(org_id)}/invitations/{invitation_id}")

    async def waiting(self) -> list[WaitingInvitationView]:
        """The invitations that wait for the caller, by id."""
        return await self.service.get(f"{API}/invitations", as_=list[WaitingInvitationView])

    async def accept(self, invitation_id: str) -> InvitationAcceptedView:
        """Join by one of those. The caller's next token knows the organisation."""
        path = f"{API}/invitations/{invitation_id}/accept"
        return await self.service.post(path, {}, as_=InvitationAcceptedView)

    async def decline(self, invitation_id: str) -> None:
        """Let one of those go."""
        await self.service.delete(f"{API}/invitations/{invitation_id}")

    async def ownership_offer(self, org_id: str) -> OwnershipOfferView | None:
        """The offer that stands, if one does."""
        try:
            return await self.service.get(f"{_path(org_id)}/ownership-offer", as_=OwnershipOfferView)
        except Problem as problem:
            if problem.kind != OFFER_ENDED:
                raise
            return None

    async def offer_ownership(self, org_id: str, user_id: str) -> OwnershipOfferView:
        path = f"{_path(org_id)}/ownership-offer"
        return await self.service.post(path, {"user_id": user_id}, as_=OwnershipOfferView)

    async def end_ownership_offer(self, org_id: str) -> None:
        """Withdraw it as an owner, or decline it as whom it is made to."""
        await self.service.delete(f"{_path(org_id)}/ownership-offer")

    async def accept_ownership(self, org_id: str) -> OwnershipOfferView:
        return await self.service.post(f"{_path(org_id)}/ownership-offer/accept", {}, as_=OwnershipOfferView)

    async def second_factor(self, org_id: str) -> SecondFactorView:
        return await self.service.get(f"{_path(org_id)}/second-factor", as_=SecondFactorView)

    async def require_second_factor(self, org_id: str, *, is_required: bool) -> SecondFactorView:
        """`Problem` 409 where who switches it on has none."""
        body = {"is_required": is_required}
        return await self.service.put(f"{_path(org_id)}/second-factor", body, as_=SecondFactorView)


def _path(org_id: str) -> str:
    return f"{API}/organizations/{org_id}"
