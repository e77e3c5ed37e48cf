"""Views of organisations: their members, invitations, projects and standings; and a client of them."""

from dataclasses import dataclass
from datetime import datetime

from fogbank.runtime.client import ServiceHttp

STANDINGS_PATH = "/api/v1/standings"
PAGE = 1000


@dataclass(frozen=True, slots=True)
class OrganizationView:
    """An organisation. `status` is `active`, `suspended` or `closed`."""

    id: str
    name: str
    status: str
    created_at: datetime
    requires_second_factor: bool = False


@dataclass(frozen=True, slots=True)
class OrganizationsView:
    """A page of organisations, by id; `next_cursor` is the `after` of the next page, or null at the end."""

    organizations: list[OrganizationView]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class MemberView:
    """Somebody in an organisation; `status` is their own: `active`, `suspended` or `closed`."""

    user_id: str
    name: str
    email: str
    role: str
    status: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class BelongingView:
    """What the caller is in an organisation. `counts_as` is the role that they act as now, null where they cannot.

    They cannot where it is closed and they neither owned it nor paid for it, and where `needs_second_factor`: it
    requires one, and they have none yet.
    """

    org_id: str
    name: str
    role: str
    status: str
    counts_as: str | None
    needs_second_factor: bool


@dataclass(frozen=True, slots=True)
class SecondFactorView:
    """Whether an organisation requires a second factor, and the members who have none."""

    is_required: bool
    members_without: list[str]


@dataclass(frozen=True, slots=True)
class InvitationView:
    """An invitation to join. `state` is `open`, `accepted`, `revoked` or `expired`; `email` is empty once forgotten."""

    id: str
    org_id: str
    email: str
    role: str
    inviter_id: str
    state: str
    created_at: datetime
    sent_at: datetime
    expires_at: datetime
    user_id: str | None


@dataclass(frozen=True, slots=True)
class InvitationsView:
    """A page of invitations, by id; `next_cursor` is the `after` of the next page, or null at the end."""

    invitations: list[InvitationView]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class InvitationSentView:
    """An invitation that was made. `link` is null where it is mailed.

    Where there is no mail server, it is to be handed over to the invited: it is shown this once.
    """

    invitation: InvitationView
    link: str | None


@dataclass(frozen=True, slots=True)
class InvitationOfferView:
    """What an invitation offers, to whoever holds its token."""

    organization: str
    email: str
    role: str
    inviter: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class WaitingInvitationView:
    """An invitation that waits for the caller: to what, as what, from whom, until when."""

    id: str
    organization: str
    role: str
    inviter: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class InvitationAcceptedView:
    """What was joined, and as what."""

    org_id: str
    organization: str
    role: str


@dataclass(frozen=True, slots=True)
class OwnershipOfferView:
    """An owner offers their ownership to a member, until `expires_at`."""

    id: str
    org_id: str
    from_user_id: str
    to_user_id: str
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class ProjectView:
    """What an organisation allocates costs to. Its key stays what it is."""

    id: str
    org_id: str
    key: str
    name: str
    created_at: datetime
    archived_at: datetime | None


@dataclass(frozen=True, slots=True)
class ProjectsView:
    """A page of projects, by id; `next_cursor` is the `after` of the next page, or null at the end."""

    projects: list[ProjectView]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class StandingChangeView:
    """An account came from one standing into another; `change` numbers all changes in the order of their commits."""

    change: int
    account_id: str
    kind: str
    before: str
    status: str
    at: datetime


@dataclass(frozen=True, slots=True)
class StandingsView:
    """Changes of standings, oldest first; `cursor` is the `changed_since` of those that follow."""

    changes: list[StandingChangeView]
    cursor: int


@dataclass(frozen=True, slots=True)
class StandingsClient:
    """Follows which accounts are served. For services only."""

    service: ServiceHttp

    async def changed(self, changed_since: int) -> StandingsView:
        """The next changes after that cursor, 0 for the first; none when there are none."""
        params = {"changed_since": changed_since, "limit": PAGE}
        return await self.service.get(STANDINGS_PATH, params=params, as_=StandingsView)
