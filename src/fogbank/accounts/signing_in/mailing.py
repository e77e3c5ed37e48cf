"""E-mails of signing in, by way of notifications; with links to the portal's pages."""

from collections.abc import Mapping
from dataclasses import dataclass

from fogbank.accounts.signing_in.errors import NoMail
from fogbank.accounts.signing_in.letters import Letters
from fogbank.notifications.client import NotificationsClient
from fogbank.runtime.database import Connection
from fogbank.runtime.problems import Problem

CONFIRM_PATH = "/sign-up/confirm"
RESET_PATH = "/reset"
NEW_ADDRESS_PATH = "/address/confirm"
UNDO_ADDRESS_PATH = "/address/undo"
SIGN_IN_PATH = "/sign-in"


@dataclass(frozen=True, slots=True)
class Mailing:
    """Sends by `notifications`; without them, where this installation has none within reach, nothing."""

    public_url: str
    notifications: NotificationsClient | None = None
    letters: Letters | None = None

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

    async def post_in(self, tx: Connection, address: str | None, kind: str, data: Mapping[str, str]) -> None:
        """Have it sent if the transaction commits, after whoever asked was answered: how long sending takes would tell
        whom an e-mail goes to. To nobody where `address` is None, which costs the same.
        """
        if self.letters is not None:
            await self.letters.write_in(tx, address, kind, data)

    async def send_notice(self, id_: str, address: str, text: str) -> None:
        """Send a sentence about somebody's ways in; once per id. Nothing where no e-mail can be sent."""
        if self.notifications is not None and await self.is_ready():
            await self.notifications.send_message(id_, address, "security_notice", {"text": text})
