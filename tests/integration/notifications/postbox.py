"""A real mail server for tests: takes e-mails, or answers whatever it is told to."""

import asyncio
import ssl
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

from fogbank.notifications.mail.server import MailServer, Tls
from fogbank.runtime.ports import LOOPBACK

WAIT_SECONDS = 20.0
TAKEN = "250 2.0.0 Ok: queued as 4F2B"


@dataclass
class Postbox:
    """What came, by address, and what the server answers. Cleared `open_gate` makes it hang after it took one."""

    port: int = 0
    answer_to_recipient: str = "250 Ok"
    answer_to_data: str = TAKEN
    came: dict[str, list[EmailMessage]] = field(default_factory=lambda: defaultdict(list))
    credentials: list[tuple[str, str]] = field(default_factory=list)
    was_encrypted: list[bool] = field(default_factory=list)
    arrival: asyncio.Condition = field(default_factory=asyncio.Condition)
    open_gate: asyncio.Event = field(default_factory=asyncio.Event)

    async def handle_RCPT(  # noqa: N802  # aiosmtpd's name and arguments
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        if self.answer_to_recipient.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.answer_to_recipient

    async def handle_DATA(self, _server: Any, session: Any, envelope: Any) -> str:  # noqa: N802  # aiosmtpd's name
        message = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        if self.answer_to_data == TAKEN:
            async with self.arrival:
                self.was_encrypted.append(session.ssl is not None)
                self.came[envelope.rcpt_tos[0]].append(message)
                self.arrival.notify_all()
        await self.open_gate.wait()
        return self.answer_to_data

    def authenticate(self, *arguments: Any) -> AuthResult:
        given = arguments[-1]
        assert isinstance(given, LoginPassword)
        self.credentials.append((given.login.decode(), given.password.decode()))
        return AuthResult(success=given.password == b"right", handled=False)

    async def wait_for(self, address: str, count: int = 1) -> list[EmailMessage]:
        """The e-mails to that address, once there are so many."""
        async with asyncio.timeout(WAIT_SECONDS), self.arrival:
            await self.arrival.wait_for(lambda: len(self.came[address]) >= count)
        return self.came[address]

    def server(self, tls: Tls = "none", **more: Any) -> MailServer:
        """How to reach it."""
        return MailServer(LOOPBACK, self.port, tls, **{"user": "", "password": "", **more})


@asynccontextmanager
async def running_postbox(
    *, tls: ssl.SSLContext | None = None, asks_who: bool = False, port: int = 0
) -> AsyncIterator[Postbox]:
    """A mail server on loopback; with `tls` it offers STARTTLS, with `asks_who` it takes nothing from strangers."""
    postbox = Postbox()
    postbox.open_gate.set()
    loop = asyncio.get_running_loop()

    def session() -> SMTP:
        return SMTP(
            postbox,
            hostname="mail.example.org",
            tls_context=tls,
            auth_required=asks_who,
            auth_require_tls=tls is not None,
            authenticator=postbox.authenticate,
            enable_SMTPUTF8=True,
            loop=loop,
        )

    server = await loop.create_server(session, LOOPBACK, port)
    postbox.port = server.sockets[0].getsockname()[1]
    try:
        yield postbox
    finally:
        postbox.open_gate.set()
        server.close()
