"""A person's organisations and what waits for them, as they read it."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from fogbank.accounts.client import BelongingView, WaitingInvitationView
from fogbank.portal.formats import Formats
from fogbank.portal.rules.roles import role_label, role_sentence
from fogbank.portal.views.ages import moment
from fogbank.portal.views.settings.profile import Membership, memberships


@dataclass(frozen=True, slots=True)
class Place:
    """One organisation; `path` opens it, and is empty while it is closed to who looks."""

    membership: Membership
    path: str


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """An invitation that waits; below `path` it is accepted or declined."""

    organization: str
    initial: str
    detail: str
    sentence: str
    path: str


def belongings_of(belongings: Sequence[BelongingView]) -> list[Place]:
    """By name."""
    open_ids = {each.org_id for each in belongings if each.counts_as is not None}
    return [
        Place(each, f"/organization?{urlencode({'account': each.id})}" if each.id in open_ids else "")
        for each in memberships(belongings)
    ]


def waiting_rows(waiting: Sequence[WaitingInvitationView], formats: Formats) -> list[WaitingRow]:
    """Those that end first, first."""
    return [_waiting_row(each, formats) for each in sorted(waiting, key=lambda each: each.expires_at)]


def _waiting_row(invitation: WaitingInvitationView, formats: Formats) -> WaitingRow:
    asks = f"{invitation.inviter} asks you to join" if invitation.inviter else "You are asked to join"
    until = moment(invitation.expires_at, formats)
    return WaitingRow(
        organization=invitation.organization,
        initial=invitation.organization[:1].upper(),
        detail=f"{asks} as {role_label(invitation.role).lower()} · good until {until}",
        sentence=role_sentence(invitation.role),
        path=f"/organization/waiting/{quote(invitation.id)}",
    )
