"""Members, invitations and offers of ownership, as people read them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from fogbank.accounts.client import InvitationView, MemberView, OwnershipOfferView, Role, Status
from fogbank.accounts.client.permissions import may_give
from fogbank.portal.formats import Formats
from fogbank.portal.rules.roles import role_label
from fogbank.portal.views.ages import age, moment

MEMBERS = "/organization/members"
INVITATIONS = "/organization/invitations"
SOMEBODY = "Somebody"


@dataclass(frozen=True, slots=True)
class MemberRow:
    """One member. `path` is where their role is changed, empty where who looks cannot; `notes` are said in pills."""

    name: str
    email: str
    initial: str
    role: str
    joined: str
    is_self: bool
    note: str
    path: str


@dataclass(frozen=True, slots=True)
class InvitationRow:
    """One invitation; `path` is below what can be done with it."""

    email: str
    role: str
    detail: str
    is_over: bool
    path: str


@dataclass(frozen=True, slots=True)
class Offer:
    """An ownership that is offered. `is_to_self` where who looks can take it."""

    from_name: str
    to_name: str
    until: str
    is_to_self: bool


@dataclass(frozen=True, slots=True)
class Looking:
    """Who looks at a list of people: as whom, as what, when, and how they want it written."""

    user_id: str
    role: str
    is_administrator: bool
    now: datetime
    formats: Formats


def member_rows(members: Sequence[MemberView], without: Collection[str], looking: Looking) -> list[MemberRow]:
    """The mightiest first, then by name; `without` are those who have no second factor."""
    order = [role.value for role in Role]
    sorted_members = sorted(members, key=lambda each: (order.index(each.role), name_of(each).casefold()))
    return [_member_row(each, each.user_id in without, looking) for each in sorted_members]


def name_of(member: MemberView) -> str:
    return member.name or member.email


def names_of(members: Sequence[MemberView]) -> dict[str, str]:
    return {each.user_id: name_of(each) for each in members}


def _member_row(member: MemberView, is_without_factor: bool, looking: Looking) -> MemberRow:
    name = name_of(member)
    is_changeable = looking.is_administrator or may_give(looking.role, Role(member.role))
    return MemberRow(
        name=name,
        email=member.email if member.name else "",
        initial=name[:1].upper(),
        role=role_label(member.role),
        joined=f"since {looking.formats.skeleton('yMMMd', member.created_at)}",
        is_self=member.user_id == looking.user_id,
        note=_note(member, is_without_factor),
        path=f"{MEMBERS}/{quote(member.user_id)}" if is_changeable else "",
    )


def _note(member: MemberView, is_without_factor: bool) -> str:
    if member.status != Status.ACTIVE:
        return str(member.status)
    return "no second factor" if is_without_factor else ""


def invitation_rows(invitations: Sequence[InvitationView], looking: Looking) -> list[InvitationRow]:
    """The newest first."""
    newest = sorted(invitations, key=lambda each: each.sent_at, reverse=True)
    return [_invitation_row(each, looking) for each in newest]


def _invitation_row(invitation: InvitationView, looking: Looking) -> InvitationRow:
    is_over = invitation.state == "expired"
    sent = f"sent {age(invitation.sent_at, looking.now, looking.formats)}"
    until = "its seven days are over" if is_over else f"good until {moment(invitation.expires_at, looking.formats)}"
    return InvitationRow(
        email=invitation.email,
        role=role_label(invitation.role),
        detail=f"{sent} · {until}",
        is_over=is_over,
        path=f"{INVITATIONS}/{quote(invitation.id)}",
    )


def offer_of(offer: OwnershipOfferView | None, members: Sequence[MemberView], looking: Looking) -> Offer | None:
    if offer is None:
        return None
    names = names_of(members)
    return Offer(
        from_name=names.get(offer.from_user_id, SOMEBODY),
        to_name=names.get(offer.to_user_id, SOMEBODY),
        until=moment(offer.expires_at, looking.formats),
        is_to_self=offer.to_user_id == looking.user_id,
    )
