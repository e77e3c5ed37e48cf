"""Which messages the picture is made of: the same ones, judged in the same way, that usage stores."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field

import structlog

from fogbank.compute.client.admission import Refusal
from fogbank.compute.client.admitting.book import NodeBook
from fogbank.compute.client.admitting.judging import Admitted, Judge
from fogbank.compute.nodes.model import Seen
from fogbank.events.batch import BatchUnreadable
from fogbank.events.reading import MessageEvents, read_events
from fogbank.kernel.periods import microseconds_of
from fogbank.queue.client import Message

Observe = Callable[[Sequence[Seen]], Awaitable[object]]
"""Told what is on nodes that place themselves, where nobody placed it."""

_log = structlog.get_logger(__name__)


async def _nobody(_seen: Sequence[Seen]) -> None:
    """Tells nobody."""


@dataclass(slots=True)
class Admitting:
    """Reads messages, as far as they are believed. Without a book all of them are."""

    book: NodeBook | None = None
    observe: Observe = _nobody
    _told: dict[str, Seen] = field(default_factory=dict)

    @property
    def trouble(self) -> str:
        """Why messages wait to be judged; empty where none has to."""
        return self.book.trouble if self.book else ""

    def judge(self) -> AbstractContextManager[Judge | None]:
        """Who judges messages, for one task; None where nobody does."""
        return self.book.judging.judge() if self.book else nullcontext()

    async def read(self, message: Message, judge: Judge | None) -> MessageEvents | None:
        """What a message holds, each event billed to whom it is to be billed; None where all of it is wrong."""
        received_us = microseconds_of(message.received_at)
        if self.book is None or judge is None:
            return _read(message, received_us)
        await self.book.complete_as_of(received_us)
        sender = judge.sender(message)
        events = None if isinstance(sender, Refusal) else _read(message, received_us)
        if events is None or sender is None or isinstance(sender, Refusal):
            return events
        admitted = judge.judged(events, message, sender)
        await self._tell(message.node_id, admitted)
        return admitted.events

    def forget(self, is_known: Callable[[str], bool]) -> None:
        """Forget what was told of instances that are not known any more."""
        self._told = {instance_id: seen for instance_id, seen in self._told.items() if is_known(instance_id)}

    async def _tell(self, node_id: str, admitted: Admitted) -> None:
        """Tell what is new. Where that fails, it is new at the next tick."""
        fields = admitted.events.fields
        seen = {
            (instance_id := fields.instance_ids[place]): Seen(
                node_id, instance_id, fields.user_ids[place], fields.org_ids[place]
            )
            for place in admitted.unplaced
        }
        news = {instance_id: each for instance_id, each in seen.items() if self._told.get(instance_id) != each}
        if not news:
            return
        try:
            await self.observe(list(news.values()))
        except Exception:  # noqa: BLE001 - whatever it is, the picture is right without it
            _log.exception("placements_not_written_down", node_id=node_id, instances=len(news))
        else:
            self._told.update(news)


def _read(message: Message, received_us: int) -> MessageEvents | None:
    try:
        return read_events(message.payload, message.headers, received_us)
    except BatchUnreadable:
        return None
