"""What thresholds refuse, as problems: the one place where a fact becomes a status."""

from collections.abc import AsyncIterator, Callable
from typing import Any

from fastapi import Depends

from fogbank.compute.thresholds import errors
from fogbank.runtime.problems import Problem, not_found


async def refusals_as_problems() -> AsyncIterator[None]:
    """Wraps a route: what its service refuses leaves it as a problem."""
    try:
        yield
    except errors.Refusal as refusal:
        raise PROBLEMS[type(refusal)](refusal) from None


REFUSALS = [Depends(refusals_as_problems)]
"""For a router's `dependencies=`."""


def _not_allowed(refusal: errors.NotAllowed) -> Problem:
    faults = [{"field": f"body.{refusal.field}", "reason": refusal.reason}]
    return Problem(422, "invalid-request", f"The request is not valid: {refusal}.", extra={"errors": faults})


def _not_visible(refusal: errors.NotVisible) -> Problem:
    return not_found(refusal.what, refusal.identifier)


def _not_permitted(refusal: errors.NotPermitted) -> Problem:
    return Problem(403, "not-permitted", str(refusal))


def _id_taken(refusal: errors.IdTaken) -> Problem:
    detail = f"The threshold '{refusal.threshold_id}' exists and says something else; change it, or use another id."
    return Problem(409, "id-taken", detail)


def _too_many(refusal: errors.TooManyThresholds) -> Problem:
    whose = f"'{refusal.account_id}'" if refusal.account_id else "What has no known payer"
    detail = f"{whose} has {refusal.most} thresholds, which is the most; remove one first."
    return Problem(409, "too-many-thresholds", detail, extra={"most": refusal.most})


def _changed_meanwhile(refusal: errors.ChangedMeanwhile) -> Problem:
    detail = f"Somebody else changed '{refusal.threshold_id}' at the same moment; look at it and try again."
    return Problem(409, "changed-meanwhile", detail)


PROBLEMS: dict[type[errors.Refusal], Callable[[Any], Problem]] = {
    errors.NotAllowed: _not_allowed,
    errors.NotVisible: _not_visible,
    errors.NotPermitted: _not_permitted,
    errors.IdTaken: _id_taken,
    errors.TooManyThresholds: _too_many,
    errors.ChangedMeanwhile: _changed_meanwhile,
}
