"""The mail server that the settings name, and who e-mails come from."""

from typing import cast

from fogbank.cli.failures import Refused
from fogbank.cli.terminal import MISUSED
from fogbank.notifications.mail.envelope import NoAddress, Sender
from fogbank.notifications.mail.server import MailServer, Tls
from fogbank.runtime.settings import Settings


def mail_server_of(settings: Settings) -> MailServer | None:
    """None where no host is set: then no e-mails are sent."""
    smtp = settings.smtp
    if not smtp.host:
        return None
    return MailServer(smtp.host, smtp.port, cast("Tls", smtp.tls), smtp.user, smtp.password)


def sender_of(settings: Settings) -> Sender:
    """`Refused` where the setting names nobody that e-mails can come from."""
    try:
        return Sender.of(settings.smtp.sender)
    except NoAddress:
        sentence = f"smtp.sender is '{settings.smtp.sender}', and no e-mail can come from there; give it an address."
        raise Refused(sentence, MISUSED) from None
