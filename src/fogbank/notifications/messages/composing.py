"""What a message looks like: headers that nothing can be smuggled into, plain text, and HTML of the same words."""

from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from fogbank.notifications.mail.composing import Sender, address_of
from fogbank.notifications.messages.model import Message
from fogbank.notifications.messages.rules import words_of


def composed(sender: Sender, message: Message, public_url: str) -> EmailMessage:
    """The e-mail; `NoAddress` where it can go nowhere. Sent twice, it is seen to be one by its Message-ID."""
    words = words_of(message.kind, message.data)
    email = EmailMessage(policy=SMTP)
    email["From"] = sender.mailbox
    email["To"] = address_of(message.address)
    email["Subject"] = words.subject
    email["Date"] = format_datetime(message.created_at)
    email["Message-ID"] = sender.message_id(message.id)
    email["Auto-Submitted"] = "auto-generated"
    context = {"words": words, "public_url": public_url}
    email.set_content(_templates().get_template("message.txt").render(context))
    email.add_alternative(_templates().get_template("message.html").render(context), subtype="html")
    return email


@cache
def _templates() -> Environment:
    return Environment(
        loader=PackageLoader("fogbank.notifications.messages"),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
