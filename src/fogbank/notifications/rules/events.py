"""What signals mean to people: which notice one becomes, of what class, for which roles, and how urgent it is."""

from collections.abc import Mapping, Sequence

from fogbank.events.signals import SignalType
from fogbank.notifications.model import Channel, EventClass, EventType, Notice, Person, Preferences

EVENT_TYPES: Mapping[SignalType, EventType] = {
    SignalType.BALANCE_LOW: EventType.BALANCE_LOW,
    SignalType.BALANCE_EXHAUSTED: EventType.BALANCE_EXHAUSTED,
    SignalType.BALANCE_RESTORED: EventType.BALANCE_RESTORED,
    SignalType.THRESHOLD_VIOLATED: EventType.THRESHOLD_VIOLATION,
    SignalType.THRESHOLD_CLEARED: EventType.THRESHOLD_CLEARED,
}
"""By type of signal; a signal of another type concerns nobody here."""

THRESHOLD_EVENTS = frozenset({EventType.THRESHOLD_VIOLATION, EventType.THRESHOLD_CLEARED})

MONEY_RESOURCES = frozenset({"spend", "balance", "runway"})
"""What thresholds are set on that is about money."""

MONEY_ROLES = frozenset({"owner", "admin", "billing"})
RESOURCE_ROLES = frozenset({"owner", "admin", "member"})
ACCOUNT_ROLES = frozenset({"owner", "admin"})
"""Who of an organisation is told: those who pay for it, those who run it, and those who set it up."""

SUSPEND = "suspend"
CHANNELS_FIELD = "notification_channels"


def class_of(event_type: EventType) -> EventClass:
    """What people set their preferences for, to be told or not to be told of this."""
    if event_type in THRESHOLD_EVENTS:
        return EventClass.THRESHOLDS
    return EventClass.ACCOUNT if event_type is EventType.WEBHOOK_DISABLED else EventClass.BALANCE


def roles_told(event_type: EventType, data: Mapping[str, str]) -> frozenset[str]:
    """Which members of an organisation are told."""
    match class_of(event_type):
        case EventClass.ACCOUNT:
            return ACCOUNT_ROLES
        case EventClass.THRESHOLDS if data.get("resource_type") not in MONEY_RESOURCES:
            return RESOURCE_ROLES
        case _:
            return MONEY_ROLES


def channels_wanted(event_type: EventType, data: Mapping[str, str]) -> frozenset[Channel]:
    """A threshold names its channels; of money everybody is told by all, and people choose for themselves."""
    if event_type not in THRESHOLD_EVENTS:
        return frozenset(Channel)
    named = {name.strip() for name in data.get(CHANNELS_FIELD, "").split(",")}
    return frozenset(channel for channel in Channel if channel in named)


def is_urgent(event_type: EventType, data: Mapping[str, str]) -> bool:
    """Whether machines are about to stop: that does not wait until somebody is awake."""
    if event_type is EventType.BALANCE_EXHAUSTED:
        return True
    return event_type is EventType.THRESHOLD_VIOLATION and data.get("action") == SUSPEND


def told_by(
    channel: Channel, notice: Notice, people: Sequence[Person], wishes: Mapping[str, Preferences]
) -> list[Person]:
    """Whom of these to tell of the notice by that channel: it must be wanted for the notice, and by the person."""
    if channel not in notice.channels:
        return []
    event_class = class_of(notice.event_type)
    return [person for person in people if channel in wishes[person.user_id].channels_of(event_class)]
