"""What notifications knows: notices, who gets them and by which way, preferences, and e-mails on their way."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from enum import StrEnum


class EventType(StrEnum):
    """What a notice tells. The words are contract: webhooks are subscribed to by them."""

    THRESHOLD_VIOLATION = "threshold_violation"
    THRESHOLD_CLEARED = "threshold_cleared"
    BALANCE_LOW = "balance_low"
    BALANCE_EXHAUSTED = "balance_exhausted"
    BALANCE_RESTORED = "balance_restored"
    ACCOUNT_SUSPENDED = "account_suspended"
    ACCOUNT_RESTORED = "account_restored"
    ACCOUNT_CLOSED = "account_closed"
    WEBHOOK_DISABLED = "webhook_disabled"


class EventClass(StrEnum):
    """What people set their preferences for."""

    BALANCE = "balance"
    THRESHOLDS = "thresholds"
    ACCOUNT = "account"


class Channel(StrEnum):
    """A way to tell somebody. `api_callback` is the account's webhooks, the others are each person's."""

    EMAIL = "email"
    API_CALLBACK = "api_callback"
    PORTAL = "portal"


class DeliveryState(StrEnum):
    """How far the e-mail of a notice is.

    `queued`: about to be sent; `held`: waits for quiet hours or the hourly limit to end; `sent`: the mail server took
    it; `failed`: it never will be; `unsent`: there is no mail server.
    """

    QUEUED = "queued"
    HELD = "held"
    SENT = "sent"
    FAILED = "failed"
    UNSENT = "unsent"


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that happened, in words. `id` is its signal's, so the same signal again is the same notice.

    `account_id` is the payer concerned. `data` is the signal's, all strings. `channels` are those wanted for it, before
    anybody's preferences. An urgent one does not wait for quiet hours to end.
    """

    id: str
    event_type: EventType
    account_id: str
    user_id: str | None
    org_id: str | None
    instance_id: str | None
    title: str
    text: str
    data: Mapping[str, str]
    occurred_at: datetime
    channels: frozenset[Channel]
    is_urgent: bool = False


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody to tell, and where their e-mails go."""

    user_id: str
    email: str


@dataclass(frozen=True, slots=True)
class QuietHours:
    """When somebody wants no e-mails: from and to a time of the day where they live. `to` before `from` is next day."""

    from_time: time
    to_time: time
    timezone: str


EVERY_PERSONAL_CHANNEL = frozenset({Channel.EMAIL, Channel.PORTAL})


@dataclass(frozen=True, slots=True)
class Preferences:
    """How somebody wants to be told. A class that is not named has every channel."""

    channels: Mapping[EventClass, frozenset[Channel]] = field(default_factory=dict)
    quiet_hours: QuietHours | None = None

    def channels_of(self, event_class: EventClass) -> frozenset[Channel]:
        return self.channels.get(event_class, EVERY_PERSONAL_CHANNEL)
