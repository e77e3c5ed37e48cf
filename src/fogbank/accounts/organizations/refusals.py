"""What organisations refuse, as problems."""

from math import ceil

from fogbank.accounts.model import Status
from fogbank.accounts.organizations import errors
from fogbank.accounts.organizations.standing import errors as standing
from fogbank.accounts.refusals import PROBLEMS
from fogbank.kernel.money import credits_from_micros
from fogbank.runtime.http.refusals import refusals_as_problems
from fogbank.runtime.problems import Problem


def _not_active(refusal: errors.NotActive) -> Problem:
    if refusal.status == Status.CLOSED:
        return Problem(409, "account-closed", f"The account '{refusal.account_id}' is closed; it can only be read.")
    detail = f"The account '{refusal.account_id}' is suspended; it can be read and paid for until it is restored."
    return Problem(409, "account-suspended", detail)


def _gives_too_much(refusal: errors.GivesTooMuch) -> Problem:
    detail = f"The role '{refusal.role}' allows more than yours, so somebody else has to give it."
    return Problem(403, "gives-too-much", detail, extra={"role": refusal.role.value})


def _already_member(_refusal: errors.AlreadyMember) -> Problem:
    return Problem(409, "already-member", "Whoever has this address is a member already; change their role instead.")


def _already_invited(refusal: errors.AlreadyInvited) -> Problem:
    detail = "This address has an open invitation; send that again, or revoke it first."
    return Problem(409, "already-invited", detail, extra={"invitation_id": refusal.invitation_id})


def _too_many_invitations(refusal: errors.TooManyInvitations) -> Problem:
    detail = f"{refusal.most} invitations are open, which is as many as there may be; revoke one, or wait."
    return Problem(409, "too-many-invitations", detail, extra={"invitations_max": refusal.most})


def _invited_too_often(refusal: errors.InvitedTooOften) -> Problem:
    seconds = ceil(refusal.retry_after.total_seconds())
    detail = f"As many invitations were mailed as may be in an hour; try again in {seconds} seconds."
    return Problem(429, "invited-too-often", detail, headers={"retry-after": str(seconds)})


def _invitation_not_good(_refusal: errors.InvitationNotGood) -> Problem:
    return Problem(410, "invitation-ended", "This invitation is good no longer; ask for another one.")


def _invitation_for_another(_refusal: errors.InvitationForAnother) -> Problem:
    detail = "This invitation is for another address; sign in as whom it was sent to, or ask for one of your own."
    return Problem(403, "invitation-for-another", detail)


def _address_not_confirmed(_refusal: errors.AddressNotConfirmed) -> Problem:
    return Problem(403, "address-not-confirmed", "Confirm your e-mail address first, then accept the invitation.")


def _offer_not_good(_refusal: errors.OfferNotGood) -> Problem:
    return Problem(410, "offer-ended", "No ownership is offered to you here; ask its owner to offer it again.")


def _offer_open(_refusal: errors.OfferOpen) -> Problem:
    return Problem(409, "offer-open", "The ownership is offered to somebody; withdraw that offer first.")


def _second_factor_missing(_refusal: errors.SecondFactorMissing) -> Problem:
    detail = "You would lock yourself out; set up a second factor of your own first."
    return Problem(409, "second-factor-missing", detail)


def _project_key_taken(refusal: errors.ProjectKeyTaken) -> Problem:
    detail = f"Another project has the key '{refusal.key}'; choose another one."
    return Problem(409, "project-key-taken", detail, extra={"key": refusal.key})


def _too_many_projects(refusal: errors.TooManyProjects) -> Problem:
    detail = f"There are {refusal.most} projects, which is as many as there may be; use one that is archived."
    return Problem(409, "too-many-projects", detail, extra={"projects_max": refusal.most})


def _project_archived(refusal: errors.ProjectArchived) -> Problem:
    detail = f"The project '{refusal.project_id}' is archived; take it back from the archive first."
    return Problem(409, "project-archived", detail)


def _closed_for_good(refusal: standing.ClosedForGood) -> Problem:
    return Problem(409, "account-closed", f"The account '{refusal.account_id}' is closed for good.")


def _name_differs(_refusal: standing.NameDiffers) -> Problem:
    detail = "Type the name of the account exactly as it is; closing it cannot be undone."
    return Problem(422, "name-differs", detail, extra={"errors": [{"field": "body.name", "reason": "is another name"}]})


def _not_settled(refusal: standing.NotSettled) -> Problem:
    balance = credits_from_micros(refusal.balance_micros)
    detail = f"The balance is {balance} and {refusal.holds} holds are open; settle both, then close the account."
    return Problem(409, "not-settled", detail, extra={"balance": balance, "holds": refusal.holds})


def _owns_organizations(refusal: standing.OwnsOrganizations) -> Problem:
    detail = "You are the last owner of organisations; close them, or make somebody else an owner, first."
    return Problem(409, "owns-organizations", detail, extra={"organizations": refusal.org_ids})


REFUSALS = refusals_as_problems(
    {
        **PROBLEMS,
        errors.NotActive: _not_active,
        errors.GivesTooMuch: _gives_too_much,
        errors.AlreadyMember: _already_member,
        errors.AlreadyInvited: _already_invited,
        errors.TooManyInvitations: _too_many_invitations,
        errors.InvitedTooOften: _invited_too_often,
        errors.InvitationNotGood: _invitation_not_good,
        errors.InvitationForAnother: _invitation_for_another,
        errors.AddressNotConfirmed: _address_not_confirmed,
        errors.OfferNotGood: _offer_not_good,
        errors.OfferOpen: _offer_open,
        errors.SecondFactorMissing: _second_factor_missing,
        errors.ProjectKeyTaken: _project_key_taken,
        errors.TooManyProjects: _too_many_projects,
        errors.ProjectArchived: _project_archived,
        standing.ClosedForGood: _closed_for_good,
        standing.NameDiffers: _name_differs,
        standing.NotSettled: _not_settled,
        standing.OwnsOrganizations: _owns_organizations,
    }
)
"""For a router's `dependencies=`."""
