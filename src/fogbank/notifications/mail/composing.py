"""What an e-mail of notices looks like."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from typing import Literal

from fogbank.notifications.mail.envelope import Envelope, Sender, addressed, write
from fogbank.notifications.mail.links import Links
from fogbank.notifications.model import EventClass, EventType
from fogbank.notifications.rules.events import class_of
from fogbank.notifications.rules.words import one_line

CLASS_WORDS = {
    EventClass.BALANCE: "spending and credit",
    EventClass.THRESHOLDS: "thresholds",
    EventClass.ACCOUNT: "your account",
}

LOOKS: Mapping[EventType, tuple[str, Literal["bad", "warn", "good"]]] = {
    EventType.THRESHOLD_VIOLATION: ("Limit crossed", "bad"),
    EventType.THRESHOLD_CLEARED: ("Within limits", "good"),
    EventType.BALANCE_LOW: ("Credit low", "warn"),
    EventType.BALANCE_EXHAUSTED: ("Credit used up", "bad"),
    EventType.BALANCE_RESTORED: ("Credit well again", "good"),
    EventType.ACCOUNT_SUSPENDED: ("Account suspended", "bad"),
    EventType.ACCOUNT_RESTORED: ("Account restored", "good"),
    EventType.ACCOUNT_CLOSED: ("Account closed", "warn"),
    EventType.WEBHOOK_DISABLED: ("Webhook disabled", "warn"),
}
COLOURS = {"bad": "#b3261e", "warn": "#865000", "good": "#0e7241"}

TOLD_MAX = 20
"""How many notices an e-mail tells in full; of more, the newest."""


@dataclass(frozen=True, slots=True)
class Told:
    """One notice, as an e-mail tells it. `topic` says of what somebody is told, who gets it."""

    label: str
    tone: Literal["bad", "warn", "good"]
    title: str
    text: str
    occurred_at: datetime
    topic: str
    instance_id: str | None = None

    @property
    def colour(self) -> str:
        return COLOURS[self.tone]

    @property
    def when(self) -> str:
        return f"{self.occurred_at:%-d %B %Y, %H:%M} UTC"


def told(event_type: EventType, title: str, text: str, occurred_at: datetime, instance_id: str | None = None) -> Told:
    """A notice of that type, as it looks."""
    label, tone = LOOKS[event_type]
    return Told(label, tone, title, text, occurred_at, CLASS_WORDS[class_of(event_type)], instance_id)


def composed(sender: Sender, envelope: Envelope, notices: Sequence[Told], links: Links) -> EmailMessage:
    """The e-mail that carries these notices, oldest first; `NoAddress` where it can go nowhere."""
    subject = subject_of(notices)
    email = addressed(sender, envelope, subject)
    email["List-Unsubscribe"] = f"<{links.preferences}>"
    words = {
        "subject": subject,
        "preview": notices[-1].text,
        "notices": notices[-TOLD_MAX:],
        "older": max(0, len(notices) - TOLD_MAX),
        "links": links,
        "topics": " and ".join(dict.fromkeys(each.topic for each in notices)),
    }
    write(email, "fogbank.notifications.mail", "email", words)
    return email


def subject_of(notices: Sequence[Told]) -> str:
    """The title of the only one, or of the newest and how many more there are."""
    newest = one_line(notices[-1].title)
    return newest if len(notices) == 1 else f"{newest}, and {len(notices) - 1} more"
