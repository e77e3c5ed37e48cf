"""Sending: hands what a store keeps to the mail server, until it takes or refuses each.

What is sent is written down before, and its id is its Message-ID. Who is killed between sending and noting it leaves it
due again: it comes twice at most, as the same e-mail.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from typing import Generic, Protocol, TypeVar

import structlog
from prometheus_client import Counter, Gauge

from fogbank.notifications.mail.envelope import NoAddress
from fogbank.notifications.mail.server import MailServer, NotTaken, Refused, Unavailable
from fogbank.notifications.model import DeliveryState
from fogbank.notifications.rules.retrying import TAKEN_FOR, Patience
from fogbank.runtime.clock import Clock
from fogbank.runtime.database import Connection, Database
from fogbank.runtime.waiting import until_set

log = structlog.get_logger(__name__)

SENT_AT_ONCE = 4
PASS_SECONDS = 2.0


class NeverSent(Exception):
    """It can never be sent; the text says why."""


class NotNow(Exception):
    """It is not to be sent before `until`; the text says why."""

    def __init__(self, why: str, until: datetime) -> None:
        super().__init__(why)
        self.until = until


class Taken(Protocol):
    """What was taken to be sent; `attempts` counts this one."""

    @property
    def id(self) -> str: ...
    @property
    def created_at(self) -> datetime: ...
    @property
    def attempts(self) -> int: ...


Item = TypeVar("Item", bound=Taken)


class Store(Protocol[Item]):
    """What is told of each in the database: a module of SQL."""

    async def take_due(
        self, connection: Connection, now: datetime, again_at: datetime, limit: int, /
    ) -> list[Item]: ...

    async def end(
        self, connection: Connection, id_: str, state: DeliveryState, detail: str, now: datetime, /
    ) -> None: ...

    async def try_again(self, connection: Connection, id_: str, detail: str, at: datetime, /) -> None: ...

    async def count_waiting(self, connection: Connection, /) -> int: ...


async def nothing_to_plan() -> None:
    """For what is due as it is written."""


@dataclass(slots=True)
class Sending(Generic[Item]):
    """Sends what is due. Safe to run in several processes at once.

    `plan` makes of what waits what is due. `compose` makes an e-mail of what was taken; `NoAddress`, `NeverSent` or
    `NotNow` where none is sent. `trouble` is what the server says while it takes none.
    """

    database: Database
    server: MailServer
    clock: Clock
    store: Store[Item]
    compose: Callable[[Item], Awaitable[EmailMessage]]
    patience: Patience
    ended: Counter
    waiting: Gauge
    plan: Callable[[], Awaitable[None]] = nothing_to_plan
    trouble: str = ""
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        """Send what is due, now and whenever there is news, for ever."""
        while True:
            self._news.clear()
            await self.send_due()
            await until_set(self._news, PASS_SECONDS)

    def tell(self) -> None:
        """There is news: look now."""
        self._news.set()

    async def send_due(self) -> None:
        """Plan what waits, and send until nothing is due or the server takes nothing."""
        await self.plan()
        while await self._send_some():
            pass
        async with self.database.connection() as connection:
            waiting = await self.store.count_waiting(connection)
        self.waiting.set(waiting)
        if not waiting:
            self.trouble = ""

    async def _send_some(self) -> bool:
        """Send some that are due; False where none is, or the server takes none."""
        now = self.clock()
        async with self.database.connection() as connection:
            due = await self.store.take_due(connection, now, now + TAKEN_FOR, SENT_AT_ONCE)
        async with asyncio.TaskGroup() as group:
            sent = [group.create_task(self._send(each)) for each in due]
        return bool(sent) and all(each.result() for each in sent)

    async def _send(self, item: Item) -> bool:
        """Send one and note what came of it; False where the server takes none at the moment."""
        try:
            said = await self.server.send(await self.compose(item))
        except NotNow as wait:
            await self._put_off(item, str(wait), wait.until)
        except NeverSent as why:
            await self._end(item, DeliveryState.FAILED, str(why))
        except NoAddress:
            await self._end(item, DeliveryState.FAILED, "Its address is none to send to.")
        except Refused as error:
            await self._end(item, DeliveryState.FAILED, f"The mail server refused it: {error}")
        except NotTaken as error:
            await self._try_again(item, error)
            return not isinstance(error, Unavailable)
        else:
            self.trouble = ""
            await self._end(item, DeliveryState.SENT, said)
        return True

    async def _try_again(self, item: Item, error: NotTaken) -> None:
        if isinstance(error, Unavailable):
            if self.trouble != str(error):
                log.warning("the mail server takes nothing", server=self.server.name, said=str(error))
            self.trouble = str(error)
        at = self.patience.again_at(item.created_at, item.attempts, self.clock())
        if at is None:
            log.warning("e-mail given up", email=item.id, said=str(error))
            await self._end(item, DeliveryState.FAILED, f"No mail server took it for {self.patience.in_words}.")
            return
        await self._put_off(item, str(error), at)

    async def _put_off(self, item: Item, detail: str, at: datetime) -> None:
        async with self.database.connection() as connection:
            await self.store.try_again(connection, item.id, detail, at)

    async def _end(self, item: Item, state: DeliveryState, detail: str) -> None:
        async with self.database.connection() as connection:
            await self.store.end(connection, item.id, state, detail, self.clock())
        self.ended.labels(state).inc()
