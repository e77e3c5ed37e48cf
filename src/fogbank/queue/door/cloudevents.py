"""CloudEvents 1.0: an envelope around a usage event. Pure.

The envelope's `id` and `source` are required as its standard says, and then forgotten: the identity of a reading is
(instance_id, period.start), whoever wraps it in what.
"""

from collections.abc import Mapping
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from fogbank.events.usage_event import Rejection, UsageEvent, decoded

SPECIFICATION = "1.0"
TYPE = "resource_usage"

Attribute = Annotated[str, Meta(min_length=1)]


class CloudEvent(Struct, frozen=True, gc=False):
    """A usage event in the JSON format of CloudEvents 1.0. Other attributes are ignored."""

    specversion: Literal["1.0"]
    type: Literal["resource_usage"]
    source: Attribute
    id: Attribute
    data: UsageEvent


_decoder = msgspec.json.Decoder(CloudEvent)
_batch_decoder = msgspec.json.Decoder(list[CloudEvent])


def decode_envelope(raw: bytes | memoryview) -> UsageEvent:
    """The usage event in one envelope; `EventRejected` names the field within the envelope."""
    return decoded(_decoder, raw).data


def decode_batch(text: bytes) -> list[UsageEvent] | None:
    """The usage events of a batch in one step; None where it is not just a batch of right envelopes."""
    try:
        return [envelope.data for envelope in _batch_decoder.decode(text)]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def within_data(rejection: Rejection) -> Rejection:
    """A rejection of a usage event as one of the envelope around it."""
    return Rejection("data" if rejection.field == "(event)" else f"data.{rejection.field}", rejection.reason)


def check_headers(headers: Mapping[str, str]) -> Rejection | None:
    """What is wrong with the attributes of binary mode, which are headers; None where nothing is."""
    for name in ("ce-specversion", "ce-type", "ce-source", "ce-id"):
        if not headers.get(name):
            return Rejection(name, "is missing")
    if headers["ce-specversion"] != SPECIFICATION:
        return Rejection("ce-specversion", f"must be {SPECIFICATION}")
    return None if headers["ce-type"] == TYPE else Rejection("ce-type", f"must be {TYPE}")
