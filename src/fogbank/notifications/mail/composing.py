"""What an e-mail looks like: headers that nothing can be smuggled into, plain text, and HTML of the same words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from functools import cache
from typing import Literal

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

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


class NoAddress(Exception):
    """What should be an e-mail address is none that a message can be sent to."""


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


@dataclass(frozen=True, slots=True)
class Sender:
    """Who e-mails come from, such as `Fogbank <billing@example.com>`."""

    mailbox: Address

    @classmethod
    def of(cls, text: str) -> "Sender":
        """`NoAddress` where it is none."""
        name, address = parseaddr(text)
        return cls(address_of(address, name))

    @property
    def address(self) -> str:
        return self.mailbox.addr_spec

    def message_id(self, email_id: str) -> str:
        """The same for the same e-mail, so that one sent twice is seen to be one."""
        return f"<{email_id}@{self.mailbox.domain}>"


def address_of(address: str, name: str = "") -> Address:
    """The address as a header may hold it, and nothing else beside it; `NoAddress` where it is none."""
    if address != one_line(address) or any(letter in address for letter in " ,;<>"):
        raise NoAddress(address)
    try:
        parsed = Address(one_line(name), addr_spec=address)
    except (MessageError, ValueError, LookupError, AttributeError, TypeError) as error:  # it reads what it expects
        raise NoAddress(address) from error
    if not parsed.username or not parsed.domain:
        raise NoAddress(address)
    return parsed


@dataclass(frozen=True, slots=True)
class Envelope:
    """One e-mail from outside: its id, where it goes, and since when."""

    email_id: str
    address: str
    created_at: datetime


def composed(sender: Sender, envelope: Envelope, notices: Sequence[Told], links: Links) -> EmailMessage:
    """The e-mail that carries these notices, oldest first; `NoAddress` where it can go nowhere."""
    subject = subject_of(notices)
    message = EmailMessage(policy=SMTP)
    message["From"] = sender.mailbox
    message["To"] = address_of(envelope.address)
    message["Subject"] = subject
    message["Date"] = format_datetime(envelope.created_at)
    message["Message-ID"] = sender.message_id(envelope.email_id)
    message["Auto-Submitted"] = "auto-generated"
    message["List-Unsubscribe"] = f"<{links.preferences}>"
    words = {
        "subject": subject,
        "preview": notices[-1].text,
        "notices": notices[-TOLD_MAX:],
        "older": max(0, len(notices) - TOLD_MAX),
        "links": links,
        "topics": " and ".join(dict.fromkeys(each.topic for each in notices)),
    }
    message.set_content(_templates().get_template("email.txt").render(words))
    message.add_alternative(_templates().get_template("email.html").render(words), subtype="html")
    return message


def subject_of(notices: Sequence[Told]) -> str:
    """The title of the only one, or of the newest and how many more there are."""
    newest = one_line(notices[-1].title)
    return newest if len(notices) == 1 else f"{newest}, and {len(notices) - 1} more"


@cache
def _templates() -> Environment:
    return Environment(
        loader=PackageLoader("fogbank.notifications.mail"),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
