"""Messages: taken once, sealed, handed to the mail server until it takes or refuses each, and emptied then."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import msgspec
import structlog
from cryptography.exceptions import InvalidTag

from fogbank.notifications.mail.composing import NoAddress, Sender
from fogbank.notifications.mail.server import MailServer, NotTaken, Refused, Unavailable
from fogbank.notifications.messages import store
from fogbank.notifications.messages.composing import composed
from fogbank.notifications.messages.counters import MESSAGES_ENDED, MESSAGES_WAITING
from fogbank.notifications.messages.errors import NoMailServer, OtherMessage
from fogbank.notifications.messages.model import Message, MessageKind, MessageState
from fogbank.notifications.messages.rules import again_at, require_data
from fogbank.notifications.messages.store import Sealed
from fogbank.notifications.rules.retrying import TAKEN_FOR
from fogbank.runtime.clock import Clock
from fogbank.runtime.database import Database
from fogbank.runtime.sealing import KeyUnknown, SealingKeys

log = structlog.get_logger(__name__)

SENT_AT_ONCE = 4
PASS_SECONDS = 2.0
GIVEN_UP = "No mail server took it for an hour."


class Unreadable(Exception):
    """A message was sealed by a key that is gone, or is not what was sealed."""


@dataclass(slots=True)
class Messages:
    """Takes and sends messages. Safe to run in several processes at once; without a server it takes none."""

    database: Database
    server: MailServer | None
    sender: Sender
    public_url: str
    sealing: SealingKeys
    clock: Clock
    trouble: str = ""
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def is_ready(self) -> bool:
        """Whether there is a mail server to hand messages to."""
        return self.server is not None

    async def take_once(self, message_id: str, address: str, kind: MessageKind, data: Mapping[str, str]) -> None:
        """Write a message down to be sent; the same id again changes nothing.

        `NoMailServer` where nobody would ever send it, `WrongData` for other data than the kind takes, `OtherMessage`
        where the id is that of another kind.
        """
        if self.server is None:
            raise NoMailServer
        require_data(kind, data)
        content = msgspec.json.encode({"address": address, "data": dict(data)}).decode()
        sealed = self.sealing.seal(_owner(message_id), content)
        async with self.database.transaction() as tx:
            is_new = await store.insert_once(tx, message_id, kind, sealed, self.clock())
            if not is_new and await store.kind_of(tx, message_id) != kind:
                raise OtherMessage(message_id)
        self._news.set()

    async def run(self) -> None:
        """Send what is due, now and whenever there is news, for ever."""
        while True:
            await self.send_due()
            await self._wait_for_news()

    async def send_due(self) -> None:
        """Send until nothing is due or the server takes nothing."""
        while await self._send_some():
            pass
        async with self.database.connection() as connection:
            waiting = await store.count_waiting(connection)
        MESSAGES_WAITING.set(waiting)
        if not waiting:
            self.trouble = ""

    async def delete_before(self, before: datetime) -> None:
        """Forget what was sent before then."""
        async with self.database.connection() as connection:
            await store.delete_before(connection, before)

    async def _send_some(self) -> bool:
        """Send some that are due; False where none is, or the server takes none."""
        now = self.clock()
        async with self.database.connection() as connection:
            due = await store.take_due(connection, now, now + TAKEN_FOR, SENT_AT_ONCE)
        async with asyncio.TaskGroup() as group:
            sent = [group.create_task(self._send(each)) for each in due]
        return bool(sent) and all(each.result() for each in sent)

    async def _wait_for_news(self) -> None:
        try:
            async with asyncio.timeout(PASS_SECONDS):
                await self._news.wait()
        except TimeoutError:
            return
        self._news.clear()

    async def _send(self, kept: Sealed) -> bool:
        """Send one and note what came of it; False where the server takes none at the moment."""
        assert self.server is not None, "only who has a server sends"
        try:
            message = self._opened(kept)
            email = composed(self.sender, message, self.public_url)
            said = await self.server.send(email, self.sender.address, message.address)
        except Unreadable as error:
            await self._end(kept, MessageState.FAILED, str(error))
        except NoAddress:
            await self._end(kept, MessageState.FAILED, "Its address is none to send to.")
        except Refused as error:
            await self._end(kept, MessageState.FAILED, f"The mail server refused it: {error}")
        except NotTaken as error:
            await self._try_again(kept, error)
            return not isinstance(error, Unavailable)
        else:
            self.trouble = ""
            await self._end(kept, MessageState.SENT, said)
        return True

    def _opened(self, kept: Sealed) -> Message:
        try:
            content = msgspec.json.decode(self.sealing.open(_owner(kept.id), kept.key_id, kept.sealed))
        except (KeyUnknown, InvalidTag) as error:
            raise Unreadable("It cannot be opened any more; its sealing key is gone.") from error
        return Message(kept.id, content["address"], MessageKind(kept.kind), content["data"], kept.created_at)

    async def _try_again(self, kept: Sealed, error: NotTaken) -> None:
        if isinstance(error, Unavailable):
            self.trouble = str(error)
        at = again_at(kept.created_at, kept.attempts, self.clock())
        if at is None:
            log.warning("message given up", message=kept.id, kind=kept.kind, said=str(error))
            await self._end(kept, MessageState.FAILED, GIVEN_UP)
            return
        async with self.database.connection() as connection:
            await store.try_again(connection, kept.id, str(error), at)

    async def _end(self, kept: Sealed, state: MessageState, detail: str) -> None:
        async with self.database.connection() as connection:
            await store.end(connection, kept.id, state, detail, self.clock())
        MESSAGES_ENDED.labels(state).inc()


def _owner(message_id: str) -> str:
    return f"message:{message_id}"
