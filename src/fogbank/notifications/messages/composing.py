"""What a message looks like."""

from email.message import EmailMessage

from fogbank.notifications.mail.envelope import Envelope, Sender, addressed, write
from fogbank.notifications.messages.model import Message
from fogbank.notifications.messages.rules import words_of


def composed(sender: Sender, message: Message, public_url: str) -> EmailMessage:
    """The e-mail; `NoAddress` where it can go nowhere."""
    words = words_of(message.kind, message.data)
    email = addressed(sender, Envelope(message.id, message.address, message.created_at), words.subject)
    write(email, "fogbank.notifications.messages", "message", {"words": words, "public_url": public_url})
    return email
