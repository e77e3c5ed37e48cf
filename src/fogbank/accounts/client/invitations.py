"""A client for whoever holds the link of an invitation, signed in or not."""

from dataclasses import dataclass

from fogbank.accounts.client.organizations import InvitationAcceptedView, InvitationOfferView
from fogbank.runtime.client import ServiceHttp

API = "/api/v1"


@dataclass(frozen=True, slots=True)
class InvitationsClient:
    """Speaks to accounts about one invitation, by its token."""

    http: ServiceHttp

    def as_caller(self, token: str) -> "InvitationsClient":
        """The same, with a person's own token."""
        return InvitationsClient(self.http.as_caller(token))

    async def show(self, token: str) -> InvitationOfferView:
        """What it offers; it stays good. `Problem` 410 where it is good no longer."""
        return await self.http.post(f"{API}/invitations:show", {"token": token}, as_=InvitationOfferView)

    async def accept(self, token: str) -> InvitationAcceptedView:
        """Join by it, as the person. `Problem` 403 where it is for another address, or theirs is not confirmed."""
        return await self.http.post(f"{API}/invitations:accept", {"token": token}, as_=InvitationAcceptedView)
