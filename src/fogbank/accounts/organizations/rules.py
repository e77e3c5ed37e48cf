"""Decisions about who is what in an organisation. Pure; what a role allows is in `client/permissions.py`."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from fogbank.accounts.client.permissions import may_give, role_while
from fogbank.accounts.model import Permission, Role
from fogbank.accounts.organizations.model import Belonging, Invitation, InvitationState, OwnershipOffer

INVITATION_LIFE = timedelta(days=7)
INVITATIONS_OPEN_MAX = 50
"""Of one organisation at a time: an invitation is an e-mail to whomever somebody names."""
OFFER_LIFE = timedelta(days=7)


def permission_to_change(before: Role | None, after: Role | None) -> Permission:
    """What it takes to change a member's role: owners are made and unmade by owners only."""
    return Permission.MANAGE_OWNERS if Role.OWNER in (before, after) else Permission.MANAGE_MEMBERS


def leaves_no_owner(owners: int, before: Role | None, after: Role | None) -> bool:
    """Whether a change would take an organisation's last owner; `owners` counts them before it."""
    return before is Role.OWNER and after is not Role.OWNER and owners <= 1


def state_of(invitation: Invitation, now: datetime) -> InvitationState:
    """What it is now: an open one is good until its time is over."""
    is_over = invitation.state is InvitationState.OPEN and now >= invitation.expires_at
    return InvitationState.EXPIRED if is_over else invitation.state


def is_good(invitation: Invitation, present: Mapping[str, Role], now: datetime) -> bool:
    """Whether it can be accepted: open, in time, and its inviter could still give the role that they gave.

    `present` are the roles in the organisation as they are now.
    """
    if state_of(invitation, now) is not InvitationState.OPEN:
        return False
    return invitation.inviter_role is None or may_give(present.get(invitation.inviter_id), invitation.role)


def is_offer_good(offer: OwnershipOffer, present: Mapping[str, Role], now: datetime) -> bool:
    """Whether an ownership can be taken: in time, who offered it has it, and who takes it is a member."""
    return now < offer.expires_at and present.get(offer.from_user_id) is Role.OWNER and offer.to_user_id in present


def locks_out(belonging: Belonging, *, has_second_factor: bool) -> bool:
    """Whether an organisation that requires a second factor is closed to somebody who has none."""
    return belonging.requires_second_factor and not has_second_factor


def roles_counted(belongings: Collection[Belonging], *, has_second_factor: bool) -> dict[str, Role]:
    """What somebody counts as in each of their organisations: less, or not at all, where its standing says so."""
    counted = {
        each.org_id: role_while(each.role, each.status)
        for each in belongings
        if not locks_out(each, has_second_factor=has_second_factor)
    }
    return {org_id: role for org_id, role in counted.items() if role is not None}
