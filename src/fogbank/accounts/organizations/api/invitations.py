"""Routes of invitations: for who invites, and for whoever holds a token."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query

from fogbank.accounts.client import (
    InvitationAcceptedView,
    InvitationOfferView,
    InvitationSentView,
    InvitationsView,
    InvitationView,
    WaitingInvitationView,
)
from fogbank.accounts.guards import READ, WRITE, After, Limit, UserCaller, next_cursor
from fogbank.accounts.model import Role
from fogbank.accounts.organizations.accepting import Accepted, Invitations, Offered
from fogbank.accounts.organizations.invitations import Inviting, Sent
from fogbank.accounts.organizations.model import Invitation
from fogbank.accounts.organizations.refusals import REFUSALS
from fogbank.runtime.http.caller import CurrentCaller
from fogbank.runtime.http.problems import problem_responses
from fogbank.runtime.http.reason import GivenReason
from fogbank.runtime.http.values import Email, Id, Secret

PAGE = 100


@dataclass(frozen=True, slots=True)
class NewInvitation:
    """Who shall join, as what."""

    email: Email
    role: Role


@dataclass(frozen=True, slots=True)
class InvitationToken:
    """The token of an invitation's link."""

    token: Secret


def inviting_routes(inviting: Inviting) -> APIRouter:
    router = APIRouter(
        prefix="/api/v1/organizations/{org_id}/invitations", tags=["organisations"], dependencies=REFUSALS
    )

    @router.get("", dependencies=READ, responses=problem_responses(401, 403, 404, 409))
    async def list_invitations(
        org_id: Id,
        caller: CurrentCaller,
        *,
        with_ended: Annotated[bool, Query(description="Whether accepted and revoked ones are listed too.")] = True,
        after: After = "",
        limit: Limit = PAGE,
    ) -> InvitationsView:
        """The organisation's invitations; for who may invite."""
        found = await inviting.of(caller, org_id, after, limit, with_ended=with_ended)
        return InvitationsView([_view(each) for each in found], next_cursor([each.id for each in found], limit))

    @router.post("", status_code=201, dependencies=WRITE, responses=problem_responses(401, 403, 404, 409, 429))
    async def invite(org_id: Id, body: NewInvitation, caller: CurrentCaller, reason: GivenReason) -> InvitationSentView:
        """Invite an address, for seven days, as what one could be oneself."""
        return _sent_view(await inviting.invite(caller, org_id, body.email, body.role, reason))

    @router.post(
        "/{invitation_id}/resend", dependencies=WRITE, responses=problem_responses(401, 403, 404, 409, 410, 429)
    )
    async def resend_invitation(
        org_id: Id, invitation_id: Id, caller: CurrentCaller, reason: GivenReason
    ) -> InvitationSentView:
        """Invite again, by a new link, for another seven days; the old link is good no longer."""
        return _sent_view(await inviting.resend(caller, org_id, invitation_id, reason))

    @router.delete(
        "/{invitation_id}",
        status_code=204,
        dependencies=WRITE,
        responses=problem_responses(401, 403, 404, 409, 410),
    )
    async def revoke_invitation(org_id: Id, invitation_id: Id, caller: CurrentCaller, reason: GivenReason) -> None:
        """Take an open invitation back."""
        await inviting.revoke(caller, org_id, invitation_id, reason)

    return router


def invitation_routes(invitations: Invitations) -> APIRouter:
    router = APIRouter(prefix="/api/v1", tags=["organisations"], dependencies=REFUSALS)

    @router.get("/invitations", dependencies=READ, responses=problem_responses(401, 403))
    async def list_own_invitations(caller: UserCaller) -> list[WaitingInvitationView]:
        """The invitations that wait for the caller, by id; none before their address is confirmed."""
        return [_waiting_view(each) for each in await invitations.waiting(caller)]

    @router.post(
        "/invitations/{invitation_id}/accept", dependencies=WRITE, responses=problem_responses(401, 403, 404, 410)
    )
    async def accept_own_invitation(invitation_id: Id, caller: UserCaller) -> InvitationAcceptedView:
        """Join by one of them. The caller's next token knows the organisation."""
        return _accepted_view(await invitations.accept_own(caller, invitation_id))

    @router.delete(
        "/invitations/{invitation_id}",
        status_code=204,
        dependencies=WRITE,
        responses=problem_responses(401, 403, 404, 410),
    )
    async def decline_own_invitation(invitation_id: Id, caller: UserCaller) -> None:
        """Decline one of them: its link is good no longer, and the address can be invited again."""
        await invitations.decline(caller, invitation_id)

    @router.post("/invitations:show", responses=problem_responses(410))
    async def show_invitation(body: InvitationToken) -> InvitationOfferView:
        """What an invitation offers, to whoever holds its token, signed in or not. It stays good."""
        offered = await invitations.offered(body.token)
        return InvitationOfferView(
            organization=offered.organization.name,
            email=offered.invitation.email,
            role=offered.invitation.role,
            inviter=offered.inviter,
            expires_at=offered.invitation.expires_at,
        )

    @router.post("/invitations:accept", dependencies=WRITE, responses=problem_responses(401, 403, 410))
    async def accept_invitation(body: InvitationToken, caller: UserCaller) -> InvitationAcceptedView:
        """Join by an invitation to one's own address. The caller's next token knows the organisation."""
        return _accepted_view(await invitations.accept(caller, body.token))

    return router


def _accepted_view(accepted: Accepted) -> InvitationAcceptedView:
    return InvitationAcceptedView(accepted.organization.id, accepted.organization.name, accepted.membership.role)


def _waiting_view(offered: Offered) -> WaitingInvitationView:
    return WaitingInvitationView(
        id=offered.invitation.id,
        organization=offered.organization.name,
        role=offered.invitation.role,
        inviter=offered.inviter,
        expires_at=offered.invitation.expires_at,
    )


def _sent_view(sent: Sent) -> InvitationSentView:
    return InvitationSentView(_view(sent.invitation), sent.link)


def _view(invitation: Invitation) -> InvitationView:
    return InvitationView(
        id=invitation.id,
        org_id=invitation.org_id,
        email=invitation.email,
        role=invitation.role,
        inviter_id=invitation.inviter_id,
        state=invitation.state,
        created_at=invitation.created_at,
        sent_at=invitation.sent_at,
        expires_at=invitation.expires_at,
        user_id=invitation.user_id,
    )
