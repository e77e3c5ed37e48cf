"""E-mails of accounts, by way of notifications; with links to the portal's pages."""

from collections.abc import Mapping
from dataclasses import dataclass

from fogbank.accounts.people import store as people_store
from fogbank.accounts.signing_in.errors import NoMail
from fogbank.accounts.signing_in.letters import Letters
from fogbank.runtime.database import Connection, seeing_every_tenant_in
from fogbank.runtime.problems import Problem

CONFIRM_PATH = "/sign-up/confirm"
RESET_PATH = "/reset"
NEW_ADDRESS_PATH = "/address/confirm"
UNDO_ADDRESS_PATH = "/address/undo"
SIGN_IN_PATH = "/sign-in"


@dataclass(frozen=True, slots=True)
class Mailing:
    """Sends by letters; without them, where this installation has no notifications within reach, nothing."""

    public_url: str
    letters: Letters | None

    def link(self, path: str, token: str = "") -> str:
        """A page of the portal; the token is spent by its form, since mail scanners follow links."""
        return f"{self.public_url}{path}?token={token}" if token else f"{self.public_url}{path}"

    async def is_ready(self) -> bool:
        """Whether e-mails can be sent."""
        try:
            return self.letters is not None and await self.letters.notifications.messages_ready()
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

    async def notice_in(self, tx: Connection, user_id: str, text: str) -> None:
        """Have somebody told what became of their ways in, in a sentence, if the transaction commits.

        It goes to the address that they have now: who signs in as them cannot keep it from them.
        """
        async with seeing_every_tenant_in(tx):
            user = await people_store.user(tx, user_id)
        if user is not None:
            await self.post_in(tx, user.email, "security_notice", {"text": text})
