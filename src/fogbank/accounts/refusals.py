"""What accounts refuse, as problems: the one place where a fact becomes a status."""

from math import ceil

from fogbank.accounts import errors
from fogbank.accounts.activity.errors import ActDiffers, ReasonNeeded
from fogbank.runtime.http.refusals import Rendered, refusals_as_problems
from fogbank.runtime.problems import Problem, not_found


def _wrong_credentials(_refusal: errors.WrongCredentials) -> Problem:
    return Problem(401, "wrong-credentials", "These credentials are wrong, or they no longer hold.")


def _too_many_attempts(refusal: errors.TooManyAttempts) -> Problem:
    seconds = ceil(refusal.retry_after.total_seconds())
    detail = f"Too many attempts failed from here; try again in {seconds} seconds."
    return Problem(429, "too-many-attempts", detail, headers={"retry-after": str(seconds)})


def _too_busy(_refusal: errors.TooBusy) -> Problem:
    detail = "More people sign in than can be let in at once; try again in a few seconds."
    return Problem(503, "too-busy", detail, headers={"retry-after": "5"})


def _not_visible(refusal: errors.NotVisible) -> Problem:
    return not_found(refusal.what, refusal.identifier)


def _not_permitted(refusal: errors.NotPermitted) -> Problem:
    detail = f"Your role does not allow this; it takes one that may '{refusal.permission}'."
    return Problem(403, "not-permitted", detail, extra={"permission": str(refusal.permission)})


def _email_taken(_refusal: errors.EmailTaken) -> Problem:
    return Problem(409, "email-taken", "Another user has this e-mail address.")


def _instance_taken(refusal: errors.InstanceTaken) -> Problem:
    return Problem(409, "instance-taken", f"The instance '{refusal.instance_id}' exists and has another owner.")


def _last_owner(_refusal: errors.LastOwner) -> Problem:
    return Problem(409, "last-owner", "An organisation keeps at least one owner; make another one first.")


def _scope_beyond(refusal: errors.ScopeBeyondCaller) -> Problem:
    scopes = sorted(refusal.scopes)
    detail = f"A key can pass on only what it has itself; it does not have {', '.join(scopes)}."
    return Problem(403, "scope-beyond-caller", detail, extra={"scopes": scopes})


def _unknown_audience(refusal: errors.UnknownAudience) -> Problem:
    names = sorted(refusal.names)
    return Problem(422, "unknown-audience", f"There is no service named {', '.join(names)}.", extra={"names": names})


def _act_differs(refusal: ActDiffers) -> Problem:
    detail = f"The act '{refusal.act_id}' is in the log with other content; give another act another id."
    return Problem(409, "act-differs", detail)


def _reason_needed(_refusal: ReasonNeeded) -> Problem:
    detail = "An administrator says why: give a reason in the header Fogbank-Reason. It goes into the activity log."
    return Problem(422, "reason-needed", detail)


def _recent_proof_needed(refusal: errors.RecentProofNeeded) -> Problem:
    methods = sorted(refusal.methods)
    how = f"confirm that it is you ({', '.join(methods)})" if methods else "sign in anew, in a browser"
    detail = f"This takes a proof of who you are from the last ten minutes: {how}, then try again."
    return Problem(403, "recent-proof-needed", detail, extra={"methods": methods})


PROBLEMS: dict[type[errors.Refusal], Rendered] = {
    errors.WrongCredentials: _wrong_credentials,
    errors.TooManyAttempts: _too_many_attempts,
    errors.TooBusy: _too_busy,
    errors.NotVisible: _not_visible,
    errors.NotPermitted: _not_permitted,
    errors.EmailTaken: _email_taken,
    errors.InstanceTaken: _instance_taken,
    errors.LastOwner: _last_owner,
    errors.ScopeBeyondCaller: _scope_beyond,
    errors.UnknownAudience: _unknown_audience,
    ActDiffers: _act_differs,
    ReasonNeeded: _reason_needed,
    errors.RecentProofNeeded: _recent_proof_needed,
}

REFUSALS = refusals_as_problems(PROBLEMS)
"""For a router's `dependencies=`."""
