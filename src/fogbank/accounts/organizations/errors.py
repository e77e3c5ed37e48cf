"""What organisations refuse, as facts."""

from datetime import timedelta

from fogbank.accounts.errors import Refusal
from fogbank.accounts.model import Role


class NotActive(Refusal):
    """The account is suspended or closed, and this stops then."""

    def __init__(self, account_id: str, status: str) -> None:
        super().__init__(f"account '{account_id}' is {status}")
        self.account_id = account_id
        self.status = status


class GivesTooMuch(Refusal):
    """Somebody would give a role that allows more than their own."""

    def __init__(self, role: Role) -> None:
        super().__init__(f"'{role}' allows more than the giver's own role")
        self.role = role


class AlreadyMember(Refusal):
    """Whoever has this address is in the organisation."""


class AlreadyInvited(Refusal):
    """The address has an open invitation to the organisation."""

    def __init__(self, invitation_id: str) -> None:
        super().__init__(f"invitation '{invitation_id}' is open for this address")
        self.invitation_id = invitation_id


class TooManyInvitations(Refusal):
    """The organisation has as many open invitations as it may have."""

    def __init__(self, most: int) -> None:
        super().__init__(f"{most} invitations are open")
        self.most = most


class InvitedTooOften(Refusal):
    """Somebody, or a mailbox, had as many invitations mailed as they may in an hour; `retry_after` says how long."""

    def __init__(self, retry_after: timedelta) -> None:
        super().__init__(f"as many invitations as may be mailed; again in {retry_after.total_seconds():.0f} s")
        self.retry_after = retry_after


class InvitationNotGood(Refusal):
    """No invitation has this token; or it was accepted, revoked, is too old, or its inviter could not give it now."""


class InvitationForAnother(Refusal):
    """The invitation is for another address than this person's."""


class AddressNotConfirmed(Refusal):
    """The person never showed that the address is theirs."""


class OfferNotGood(Refusal):
    """No ownership is offered to this person, or who offered it is no owner any more."""


class OfferOpen(Refusal):
    """The organisation's ownership is offered to somebody already."""


class SecondFactorMissing(Refusal):
    """Who requires a second factor of everybody has none themselves."""


class ProjectKeyTaken(Refusal):
    """The organisation has another project of this key."""

    def __init__(self, key: str) -> None:
        super().__init__(f"another project has the key '{key}'")
        self.key = key


class TooManyProjects(Refusal):
    """The organisation has as many projects as it may have."""

    def __init__(self, most: int) -> None:
        super().__init__(f"there are {most} projects")
        self.most = most


class ProjectArchived(Refusal):
    """Nothing is put into a project that is archived."""

    def __init__(self, project_id: str) -> None:
        super().__init__(f"project '{project_id}' is archived")
        self.project_id = project_id
