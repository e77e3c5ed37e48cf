"""What every e-mail has: headers that nothing can be smuggled into, plain text, and HTML of the same words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from fogbank.notifications.rules.words import one_line


class NoAddress(Exception):
    """What should be an e-mail address is none that a message can be sent to."""


@dataclass(frozen=True, slots=True)
class Sender:
    """Who e-mails come from, such as `Fogbank <billing@example.com>`."""

    mailbox: Address

    @classmethod
    def of(cls, text: str) -> "Sender":
        """`NoAddress` where it is none."""
        name, address = parseaddr(text)
        return cls(address_of(address, name))

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


def addressed(sender: Sender, envelope: Envelope, subject: str) -> EmailMessage:
    """An e-mail without words yet; `NoAddress` where it can go nowhere. Sent twice, it is seen to be one."""
    email = EmailMessage(policy=SMTP)
    email["From"] = sender.mailbox
    email["To"] = address_of(envelope.address)
    email["Subject"] = subject
    email["Date"] = format_datetime(envelope.created_at)
    email["Message-ID"] = sender.message_id(envelope.email_id)
    email["Auto-Submitted"] = "auto-generated"
    return email


def write(email: EmailMessage, package: str, name: str, words: Mapping[str, Any]) -> None:
    """Write the words into it, as text and as HTML, by the templates `name` of a package."""
    templates = _templates(package)
    email.set_content(templates.get_template(f"{name}.txt").render(words))
    email.add_alternative(templates.get_template(f"{name}.html").render(words), subtype="html")


@cache
def _templates(package: str) -> Environment:
    return Environment(
        loader=PackageLoader(package),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
