"""Readings below their payer's floor: what they would be added to is final, or gone."""

from fogbank.events.batch import unpack
from fogbank.events.fields import Fields
from fogbank.events.reading import MessageEvents, WrongEvent
from fogbank.events.usage_event import Rejection, UsageEvent, instant_us
from fogbank.kernel.periods import instant_of
from fogbank.queue.client import Message
from fogbank.usage.retention.model import PayerFloors


def without_expired(events: MessageEvents, message: Message, floors: PayerFloors) -> MessageEvents:
    """The events of `message` as read, those below their payer's floor among the wrong."""
    expired = {
        ordinal: floor_us
        for event, ordinal in zip(events.valid, events.ordinals, strict=True)
        if (floor_us := floors.of(event.org_id or event.user_id)) > _start_us(event)
    }
    if not expired:
        return events
    raws = unpack(message.payload, message.headers)
    wrong = [WrongEvent(ordinal, bytes(raws[ordinal]), refusal(floor_us)) for ordinal, floor_us in expired.items()]
    kept = [each for each in zip(events.valid, events.ordinals, strict=True) if each[1] not in expired]
    valid = [event for event, _ in kept]
    return MessageEvents(valid, Fields.of(valid), [ordinal for _, ordinal in kept], [*events.wrong, *wrong])


def refusal(floor_us: int) -> Rejection:
    """Why a reading below that floor is not taken."""
    floor = f"{instant_of(floor_us):%Y-%m-%dT%H:%M:%SZ}"
    return Rejection("period.start", f"is before {floor}, from when on readings of this account are taken")


def _start_us(event: UsageEvent) -> int:
    start_us = instant_us(event.period.start)
    assert start_us is not None, "the event is valid"
    return start_us
