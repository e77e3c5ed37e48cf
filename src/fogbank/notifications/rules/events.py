"""What signals mean to people: which notice one becomes, of what class, for whom, and how urgent it is."""

from collections.abc import Mapping, Sequence

from fogbank.accounts.client import Permission
from fogbank.events.signals import SignalType
from fogbank.notifications.model import Channel, EventClass, EventType, Notice, Person, Preferences

EVENT_TYPES: Mapping[SignalType, EventType] = {
    SignalType.BALANCE_LOW: EventType.BALANCE_LOW,
    SignalType.BALANCE_EXHAUSTED: EventType.BALANCE_EXHAUSTED,
    SignalType.BALANCE_RESTORED: EventType.BALANCE_RESTORED,
    SignalType.THRESHOLD_VIOLATED: EventType.THRESHOLD_VIOLATION,
    SignalType.THRESHOLD_CLEARED: EventType.THRESHOLD_CLEARED,
    SignalType.ACCOUNT_SUSPENDED: EventType.ACCOUNT_SUSPENDED,
    SignalType.ACCOUNT_RESTORED: EventType.ACCOUNT_RESTORED,
    SignalType.ACCOUNT_CLOSED: EventType.ACCOUNT_CLOSED,
}
"""By type of signal; a signal of another type concerns nobody here."""

THRESHOLD_EVENTS = frozenset({EventType.THRESHOLD_VIOLATION, EventType.THRESHOLD_CLEARED})

MONEY_RESOURCES = frozenset({"spend", "balance", "runway"})
"""What thresholds are set on that is about money."""

STANDING_EVENTS = frozenset({EventType.ACCOUNT_SUSPENDED, EventType.ACCOUNT_RESTORED, EventType.ACCOUNT_CLOSED})
PERSONAL = frozenset({Channel.EMAIL, Channel.PORTAL})
"""How people are told of an account's standing. No webhook is: one of an account that is not served is told nothing."""

SUSPEND = "suspend"
CHANNELS_FIELD = "notification_channels"


def class_of(event_type: EventType) -> EventClass:
    """What people set their preferences for, to be told or not to be told of this."""
    if event_type in THRESHOLD_EVENTS:
        return EventClass.THRESHOLDS
    is_of_account = event_type in STANDING_EVENTS or event_type is EventType.WEBHOOK_DISABLED
    return EventClass.ACCOUNT if is_of_account else EventClass.BALANCE


def permission_to_hear(event_type: EventType, data: Mapping[str, str]) -> Permission:
    """Which members of an organisation are told: those whose role has this permission."""
    match class_of(event_type):
        case EventClass.ACCOUNT:
            return Permission.HEAR_OF_ACCOUNT
        case EventClass.THRESHOLDS if data.get("resource_type") not in MONEY_RESOURCES:
            return Permission.HEAR_OF_INSTANCES
        case _:
            return Permission.HEAR_OF_MONEY


def channels_wanted(event_type: EventType, data: Mapping[str, str]) -> frozenset[Channel]:
    """A threshold names its channels; of money everybody is told by all, and people choose for themselves."""
    if event_type in STANDING_EVENTS:
        return PERSONAL
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
