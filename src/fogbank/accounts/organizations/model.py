"""What is known of people in organisations: members, invitations, offers of ownership, what somebody belongs to."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from fogbank.accounts.model import Membership, Role, Status, User


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody in an organisation."""

    user: User
    membership: Membership


class InvitationState(StrEnum):
    """How far an invitation is. An open one whose time is over is shown as `expired`."""

    OPEN = "open"
    ACCEPTED = "accepted"
    REVOKED = "revoked"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Invitation:
    """Somebody is asked to join. `inviter_role` is None where an administrator or a service invited.

    `is_mailed`: the token went to the address by mail, so who has it can read what is sent there.
    """

    id: str
    org_id: str
    email: str
    role: Role
    inviter_id: str
    inviter_role: Role | None
    is_mailed: bool
    state: InvitationState
    created_at: datetime
    sent_at: datetime
    expires_at: datetime
    user_id: str | None = None


class OfferState(StrEnum):
    """How far an offer of ownership is."""

    OPEN = "open"
    ACCEPTED = "accepted"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class OwnershipOffer:
    """An owner offers their ownership to another member."""

    id: str
    org_id: str
    from_user_id: str
    to_user_id: str
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Belonging:
    """What somebody is in an organisation, and what that depends on."""

    org_id: str
    name: str
    role: Role
    status: Status
    requires_second_factor: bool
