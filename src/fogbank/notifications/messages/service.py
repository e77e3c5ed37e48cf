"""Messages: taken once, sealed, sent, and emptied then."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage

from fogbank.notifications.mail.envelope import Sender
from fogbank.notifications.mail.sending import Sending
from fogbank.notifications.mail.server import MailServer
from fogbank.notifications.messages import store
from fogbank.notifications.messages.composing import composed
from fogbank.notifications.messages.counters import MESSAGES_ENDED, MESSAGES_WAITING
from fogbank.notifications.messages.errors import NoMailServer, OtherMessage
from fogbank.notifications.messages.model import MessageKind
from fogbank.notifications.messages.opening import opened, sealed
from fogbank.notifications.messages.rules import require_data
from fogbank.notifications.messages.store import Sealed
from fogbank.notifications.rules.retrying import WITH_MESSAGES
from fogbank.runtime.clock import Clock
from fogbank.runtime.database import Database
from fogbank.runtime.sealing import SealingKeys


def messenger(
    database: Database, server: MailServer, sender: Sender, public_url: str, *, sealing: SealingKeys, clock: Clock
) -> Sending[Sealed]:
    """What sends messages."""

    async def compose(kept: Sealed) -> EmailMessage:
        return composed(sender, opened(sealing, kept), public_url)

    return Sending(
        database=database,
        server=server,
        clock=clock,
        store=store,
        compose=compose,
        patience=WITH_MESSAGES,
        ended=MESSAGES_ENDED,
        waiting=MESSAGES_WAITING,
    )


@dataclass(frozen=True, slots=True)
class Messages:
    """Takes messages to be sent by `sending`; without it, where there is no mail server, it takes none."""

    database: Database
    sealing: SealingKeys
    clock: Clock
    sending: Sending[Sealed] | None

    @property
    def is_ready(self) -> bool:
        """Whether there is a mail server to hand messages to."""
        return self.sending is not None

    async def take_once(self, message_id: str, address: str, kind: MessageKind, data: Mapping[str, str]) -> None:
        """Write a message down to be sent; the same id again changes nothing.

        `NoMailServer` where nobody would ever send it, `WrongData` for other data than the kind takes, `OtherMessage`
        where the id is that of another kind.
        """
        if self.sending is None:
            raise NoMailServer
        require_data(kind, data)
        content = sealed(self.sealing, message_id, address, data)
        async with self.database.transaction() as tx:
            is_new = await store.insert_once(tx, message_id, kind, content, self.clock())
            if not is_new and await store.kind_of(tx, message_id) != kind:
                raise OtherMessage(message_id)
        self.sending.tell()

    async def delete_before(self, before: datetime) -> None:
        """Forget what was sent before then."""
        async with self.database.connection() as connection:
            await store.delete_before(connection, before)
