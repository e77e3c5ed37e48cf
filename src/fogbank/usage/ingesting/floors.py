"""Readings below their payer's floor: what they would be added to is final, or gone."""

from fogbank.events.reading import MessageEvents
from fogbank.events.usage_event import Rejection
from fogbank.kernel.periods import instant_of
from fogbank.queue.client import Message
from fogbank.usage.retention.model import PayerFloors


def without_expired(events: MessageEvents, message: Message, floors: PayerFloors) -> MessageEvents:
    """The events of `message` as read, those below the floor of who pays for them among the wrong."""
    fields = events.fields
    payers = zip(fields.org_ids, fields.user_ids, fields.starts_us, strict=True)
    expired = {
        place: refusal(floor_us)
        for place, (org_id, user_id, start_us) in enumerate(payers)
        if (floor_us := floors.of(org_id or user_id)) > start_us
    }
    return events.set_aside(expired, message.payload, message.headers)


def refusal(floor_us: int) -> Rejection:
    """Why a reading below that floor is not taken."""
    floor = f"{instant_of(floor_us):%Y-%m-%dT%H:%M:%SZ}"
    return Rejection("period.start", f"is before {floor}, from when on readings of this account are taken")
