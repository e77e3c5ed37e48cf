"""E-mails of signing in, by way of notifications; with links to the portal's pages."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

import structlog

from fogbank.accounts.signing_in.errors import NoMail
from fogbank.kernel.ids import new_id
from fogbank.notifications.client import NotificationsClient
from fogbank.runtime.entropy import Entropy
from fogbank.runtime.problems import Problem

log = structlog.get_logger(__name__)

ID_BYTES = 16
WAITING_MAX = 1_000
CONFIRM_PATH = "/sign-up/confirm"
RESET_PATH = "/reset"
NEW_ADDRESS_PATH = "/address/confirm"
UNDO_ADDRESS_PATH = "/address/undo"
SIGN_IN_PATH = "/sign-in"


@dataclass(frozen=True, slots=True)
class Letter:
    """A message that waits."""

    address: str
    kind: str
    data: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Mailing:
    """Sends by `notifications`, None where this installation has none within reach."""

    notifications: NotificationsClient | None
    public_url: str
    entropy: Entropy
    _waiting: asyncio.Queue[Letter] = field(default_factory=lambda: asyncio.Queue(WAITING_MAX))

    def link(self, path: str, token: str = "") -> str:
        """A page of the portal; the token is spent by its form, since mail scanners follow links."""
        return f"{self.public_url}{path}?token={token}" if token else f"{self.public_url}{path}"

    async def is_ready(self) -> bool:
        """Whether e-mails can be sent."""
        try:
            return self.notifications is not None and await self.notifications.messages_ready()
        except Problem:
            return False

    async def require_ready(self) -> None:
        """`NoMail` where none can be sent: said before anything is looked up, so it tells nothing about anybody."""
        if not await self.is_ready():
            raise NoMail

    def post(self, address: str, kind: str, data: Mapping[str, str]) -> None:
        """Have it sent, after whoever asked was answered: how long that takes would tell whom an e-mail goes to."""
        try:
            self._waiting.put_nowait(Letter(address, kind, data))
        except asyncio.QueueFull:
            log.warning("too many messages wait", kind=kind)

    async def send_notice(self, id_: str, address: str, text: str) -> None:
        """Send a sentence about somebody's ways in; once per id. Nothing where no e-mail can be sent."""
        if self.notifications is not None and await self.is_ready():
            await self.notifications.send_message(id_, address, "security_notice", {"text": text})

    async def run(self) -> None:
        """Send what waits, for ever."""
        while True:
            await self.send_next()

    async def send_next(self) -> None:
        """Wait for one, and send it; what is not taken is logged, and asked for again by whoever misses it."""
        letter = await self._waiting.get()
        try:
            if self.notifications is not None:
                message_id = new_id("message", self.entropy(ID_BYTES))
                await self.notifications.send_message(message_id, letter.address, letter.kind, letter.data)
        except Problem as problem:
            log.warning("message not taken", kind=letter.kind, reason=problem.detail)
        finally:
            self._waiting.task_done()

    async def all_sent(self) -> None:
        """Wait until nothing waits."""
        await self._waiting.join()
