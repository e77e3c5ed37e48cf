"""The mail server: how it is reached, and what it says to one e-mail."""

import asyncio
import ssl
from contextlib import suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Literal

import aiosmtplib
from aiosmtplib import errors

from fogbank.notifications.rules.words import one_line

Tls = Literal["none", "starttls", "tls"]

ANSWER_SECONDS = 20.0
"""How long the server may take for each step."""
WHOLE_SECONDS = 90.0
"""How long it may take for everything; well under the time after which another takes the e-mail up."""
PARTING_SECONDS = 2.0
SAID_CHARACTERS_MAX = 300
PERMANENT = 500


class NotTaken(Exception):
    """The server did not take an e-mail; the text is what it said."""


class Refused(NotTaken):
    """It never will: the e-mail's own fault (SMTP 5xx)."""


class Deferred(NotTaken):
    """It may take this e-mail later (SMTP 4xx)."""


class Unavailable(NotTaken):
    """It takes none at the moment: it is not there, does not answer, is not to be trusted, or knows us not."""


@dataclass(frozen=True, slots=True)
class MailServer:
    """A server to hand e-mails to. With `starttls` or `tls` nothing goes out unless its certificate is trusted.

    `context` says whom to trust; by default whom this machine trusts.
    """

    host: str
    port: int
    tls: Tls
    user: str
    password: str = field(repr=False)
    context: ssl.SSLContext | None = field(default=None, repr=False)
    answer_seconds: float = ANSWER_SECONDS

    @property
    def name(self) -> str:
        return f"{self.host}:{self.port}"

    async def send(self, message: EmailMessage) -> str:
        """Hand it over, for whom its headers name; what the server said when it took it. Else one of `NotTaken`."""
        client = self._client()
        try:
            async with asyncio.timeout(WHOLE_SECONDS):
                await _connect(client)
                said = await _hand_over(client, message)
            with suppress(errors.SMTPException, OSError):  # it has been taken; how we part changes nothing
                await client.quit(timeout=PARTING_SECONDS)
        except TimeoutError as error:
            raise Unavailable(f"{self.name} does not answer in time") from error
        finally:
            client.close()
        _end_if_cancelled()
        return _shown(said)

    def _client(self) -> aiosmtplib.SMTP:
        return aiosmtplib.SMTP(
            hostname=self.host,
            port=self.port,
            use_tls=self.tls == "tls",
            start_tls=self.tls == "starttls",
            username=self.user or None,
            password=self.password if self.user else None,
            tls_context=self.context,
            timeout=self.answer_seconds,
        )


async def _connect(client: aiosmtplib.SMTP) -> None:
    """Connect, with TLS and signed in as set; whatever goes wrong here concerns every e-mail."""
    try:
        await client.connect()
    except (errors.SMTPException, OSError, ValueError) as error:  # ValueError: a host name that cannot be one
        raise Unavailable(_said_by(error)) from error


async def _hand_over(client: aiosmtplib.SMTP, message: EmailMessage) -> str:
    try:
        _, said = await client.send_message(message)
    except errors.SMTPRecipientsRefused as error:
        raise _by_code(error.recipients[0]) from error
    except errors.SMTPResponseException as error:
        raise _by_code(error) from error
    except (errors.SMTPNotSupported, ValueError) as error:  # ValueError: an address that cannot be written
        raise Refused(_said_by(error)) from error
    except (errors.SMTPException, OSError) as error:
        raise Unavailable(_said_by(error)) from error
    return said


def _by_code(error: errors.SMTPResponseException) -> NotTaken:
    kind = Refused if error.code >= PERMANENT else Deferred
    return kind(_said_by(error))


def _said_by(error: Exception) -> str:
    if isinstance(error, errors.SMTPResponseException):
        return _shown(f"{error.code} {error.message}")
    return _shown(str(error) or type(error).__name__)


def _shown(text: str) -> str:
    return one_line(text)[:SAID_CHARACTERS_MAX]


def _end_if_cancelled() -> None:
    """Until Python 3.12, `asyncio.wait_for` forgets a cancellation that comes together with the answer it waits for."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
