"""What mending refuses, as problems: the one place where a fact becomes a status."""

from fogbank.queue.client import QueueUnavailable
from fogbank.runtime.http.refusals import Rendered, refusals_as_problems
from fogbank.runtime.problems import Problem, not_found
from fogbank.usage.errors import NotAllowed
from fogbank.usage.mending import errors

RETRY_SECONDS = "2"


def _no_reading(refusal: errors.NoReading) -> Problem:
    detail = f"There is no reading of instance '{refusal.instance_id}' that starts at {refusal.start}."
    return Problem(404, "not-found", detail)


def _not_allowed(refusal: NotAllowed) -> Problem:
    faults = [{"field": refusal.field, "reason": refusal.reason}]
    return Problem(422, "invalid-request", f"The request is not valid: {refusal}.", extra={"errors": faults})


def _key_reused(refusal: errors.KeyReused) -> Problem:
    detail = f"The Idempotency-Key '{refusal.key}' names another act; give each act a key of its own."
    return Problem(409, "key-reused", detail)


def _too_often(refusal: errors.CorrectedTooOften) -> Problem:
    detail = f"This reading was corrected {refusal.revisions_max} times, and cannot be once more."
    return Problem(409, "corrected-too-often", detail)


def _no_entry(refusal: errors.NoEntry) -> Problem:
    return not_found("entry in the quarantine", str(refusal.entry))


def _entry_closed(refusal: errors.EntryClosed) -> Problem:
    detail = f"The entry {refusal.entry} was {refusal.state} before, and stays so."
    return Problem(409, "entry-closed", detail, extra={"state": refusal.state})


def _still_wrong(refusal: errors.StillWrong) -> Problem:
    where = "" if refusal.ordinal is None else f" in event {refusal.ordinal + 1}"
    detail = f"This would be set aside again: {refusal.field}{where}: {refusal.reason}. Mend the payload and try again."
    faults = [{"field": refusal.field, "reason": refusal.reason}]
    return Problem(422, "still-wrong", detail, extra={"errors": faults})


def _no_replay(refusal: errors.NoReplay) -> Problem:
    return not_found("replay", refusal.replay_id)


def _no_queue(_refusal: QueueUnavailable) -> Problem:
    detail = "The queue does not answer at the moment; trying again does no harm."
    return Problem(503, "queue-unavailable", detail, headers={"retry-after": RETRY_SECONDS})


PROBLEMS: dict[type[Exception], Rendered] = {
    errors.NoReading: _no_reading,
    NotAllowed: _not_allowed,
    errors.KeyReused: _key_reused,
    errors.CorrectedTooOften: _too_often,
    errors.NoEntry: _no_entry,
    errors.EntryClosed: _entry_closed,
    errors.StillWrong: _still_wrong,
    errors.NoReplay: _no_replay,
    QueueUnavailable: _no_queue,
}

REFUSALS = refusals_as_problems(PROBLEMS)
"""For a router's `dependencies=`."""
