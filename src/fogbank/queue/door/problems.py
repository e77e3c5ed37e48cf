"""What the door answers: verdicts as a view, and what went wrong as problems, once."""

import msgspec

from fogbank.queue.client import BatchTooLarge, QueueUnavailable
from fogbank.queue.door.errors import BodyRefused, BodyTooLarge, FormUnknown, TooFast
from fogbank.queue.door.forms import TAKEN
from fogbank.queue.door.reading import BodyEvents
from fogbank.queue.door.views import EventsVerdict
from fogbank.runtime.problems import Problem

RETRY_SECONDS = "2"

Failure = BodyRefused | TooFast | BatchTooLarge | QueueUnavailable
FAILURES = (BodyRefused, TooFast, BatchTooLarge, QueueUnavailable)


def verdict_of(events: BodyEvents) -> EventsVerdict:
    """What is told of the events of a body."""
    return EventsVerdict(events.count, len(events.valid), events.wrong)


def none_valid(events: BodyEvents) -> Problem:
    """422, for a body in which no event is right."""
    first = events.wrong[0]
    found = "The event is not valid" if events.count == 1 else f"None of the {events.count} events is valid"
    detail = f"{found}, so nothing was stored. The first: {first.field}: {first.reason}."
    return Problem(422, "no-valid-event", detail, extra=msgspec.to_builtins(verdict_of(events)))


def problem_of(failure: Failure) -> Problem:
    """What is answered where nothing of a body counts as accepted."""
    match failure:
        case TooFast():
            return _too_fast(failure)
        case FormUnknown():
            accepts = {"accept-encoding": "gzip, zstd"} if failure.is_encoding else {"accept": TAKEN}
            return Problem(415, "form-unknown", str(failure), headers=accepts)
        case BodyTooLarge():
            return Problem(413, "body-too-large", str(failure))
        case BodyRefused():
            return Problem(422, "body-unreadable", str(failure))
        case BatchTooLarge():
            return Problem(413, "body-too-large", "The body is more than the queue takes in one message; send less.")
        case QueueUnavailable():
            return _queue_unavailable()


def _too_fast(failure: TooFast) -> Problem:
    wait = failure.wait_seconds
    detail = f"You send more than {failure.per_second} {failure.what} per second; go on in {wait} s."
    extra = {"limit": failure.what, "per_second": failure.per_second}
    return Problem(429, "too-fast", detail, extra=extra, headers={"retry-after": str(wait)})


def _queue_unavailable() -> Problem:
    detail = (
        "The queue did not confirm, so nothing counts as accepted. Send the same body again shortly; "
        "what may be stored already is stored once."
    )
    return Problem(503, "queue-unavailable", detail, headers={"retry-after": RETRY_SECONDS})
