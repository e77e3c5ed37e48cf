"""Which form a body has, by its headers: an event, an array or lines of them, or CloudEvents 1.0 in its three modes."""

from collections.abc import Mapping
from enum import StrEnum

from fogbank.queue.door.errors import FormUnknown


class Form(StrEnum):
    """How events stand in a body, named by the media type."""

    JSON = "application/json"
    """One event, or an array of them."""
    NDJSON = "application/x-ndjson"
    CLOUD_EVENT = "application/cloudevents+json"
    CLOUD_EVENTS = "application/cloudevents-batch+json"
    CLOUD_BINARY = "application/json with ce- headers"


MEDIA_TYPES = {
    "application/json": Form.JSON,
    "application/x-ndjson": Form.NDJSON,
    "application/ndjson": Form.NDJSON,
    "application/jsonl": Form.NDJSON,
    "application/cloudevents+json": Form.CLOUD_EVENT,
    "application/cloudevents-batch+json": Form.CLOUD_EVENTS,
}
TAKEN = "application/json, application/x-ndjson, application/cloudevents+json or application/cloudevents-batch+json"


def form_of(headers: Mapping[str, str]) -> Form:
    """The form that these headers (names in lower case) announce; `FormUnknown` where it is none of ours."""
    media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    form = MEDIA_TYPES.get(media_type)
    if form is None:
        said = f"'{media_type[:100]}'" if media_type else "missing"
        raise FormUnknown(f"The Content-Type is {said}; send {TAKEN}.")
    # In binary mode the body is the data alone, of its own media type, and the attributes are headers.
    if form is Form.JSON and any(name.startswith("ce-") for name in headers):
        return Form.CLOUD_BINARY
    return form
