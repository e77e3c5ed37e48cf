"""Ingestion: from the queue into the store, each reading at least once, and by its identity exactly once.

A message is acknowledged after its readings, the marks of the spans they fall into, and whatever of it was wrong are on
disk. A kill at any point before that repeats the message, and repeating it changes nothing.
"""

import asyncio
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

import structlog

from fogbank.events.batch import BatchUnreadable
from fogbank.events.reading import WrongEvent, read_events
from fogbank.events.usage_event import Rejection
from fogbank.kernel.periods import microseconds_of
from fogbank.queue.client import Message, PullConsumer, QueueClient
from fogbank.runtime.component import Health
from fogbank.usage import counters
from fogbank.usage.columns import Columns
from fogbank.usage.model import Grain
from fogbank.usage.stamps import Stamps
from fogbank.usage.store import marks
from fogbank.usage.store.engine import Engine

CONSUMER = "usage"
ACK_WAIT_SECONDS = 30.0
"""After a kill, what was in flight comes again this much later."""
MESSAGES_MAX = 400
EVENTS_MAX = 400_000
"""How much goes into one insert, where so much waits. Larger ones sort better and leave less to merge."""
LINGER_SECONDS = 0.25
"""How long a batch that is not full waits for more, so that a trickle does not become an insert per message."""
WAIT_SECONDS = 5.0
PAUSE_SECONDS = 1.0
BATCHES_AT_ONCE = 2
QUARANTINED_AT_ONCE = 32

_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Reading:
    """Some messages, read: their valid events as columns, and what was wrong with the others."""

    messages: list[Message] = field(default_factory=list)
    columns: Columns = field(default_factory=Columns)
    wrong: list[tuple[Message, WrongEvent | Rejection]] = field(default_factory=list)

    def take(self, message: Message) -> None:
        """Read one message. Whatever it holds, it is either in the columns or among the wrong."""
        self.messages.append(message)
        try:
            events = read_events(message.payload, message.headers, microseconds_of(message.received_at))
        except BatchUnreadable as error:
            self.wrong.append((message, Rejection("(message)", str(error))))
        else:
            self.columns.add(message, events)
            self.wrong += [(message, each) for each in events.wrong]


@dataclass(frozen=True, slots=True)
class Ingestion:
    """Pulls, reads, stores, marks and acknowledges, two batches at a time."""

    queue: QueueClient
    engine: Engine
    stamps: Stamps
    health: Health
    ack_wait_seconds: float = ACK_WAIT_SECONDS
    # Two threads that decode at once take the interpreter from each other, and each needs half as much again.
    _reading: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def run(self) -> None:
        """Ingest for ever."""
        async with self.queue.usage_consumer(CONSUMER, ack_wait_seconds=self.ack_wait_seconds) as consumer:
            free = asyncio.Semaphore(BATCHES_AT_ONCE)
            async with asyncio.TaskGroup() as batches:
                while True:
                    await free.acquire()
                    messages = await self._gather(consumer)
                    batches.create_task(self._ingest(consumer, messages, free))

    async def _gather(self, consumer: PullConsumer) -> list[Message]:
        messages = await consumer.fetch(MESSAGES_MAX, WAIT_SECONDS)
        if messages and len(messages) < MESSAGES_MAX:
            await asyncio.sleep(LINGER_SECONDS)
            messages += await consumer.fetch(MESSAGES_MAX - len(messages), 0)
        if not messages:
            self._is_well(0, 0)
        return messages

    async def _ingest(self, consumer: PullConsumer, messages: list[Message], free: asyncio.Semaphore) -> None:
        try:
            waiting = deque(messages)
            while waiting:
                async with self._reading:
                    reading = await asyncio.to_thread(read_some, waiting)
                await self._store(reading)
                await consumer.ack(reading.messages)
                self._is_well(len(reading.columns), reading.messages[-1].pending)
        except Exception as error:  # noqa: BLE001 - whatever it is, the messages come again and the next ones go on
            counters.BATCHES_FAILED.inc()
            _log.exception("batch_not_stored", messages=len(messages))
            self.health.failed(f"a batch of {len(messages)} messages was not stored and comes again: {error}")
            await asyncio.sleep(PAUSE_SECONDS)
        finally:
            free.release()

    async def _store(self, reading: Reading) -> None:
        if reading.columns:
            await self.engine.insert("usage_events", reading.columns.batches)
            # The stamp is taken after the insert: who sees the mark sees the readings.
            await marks.mark(self.engine, spans_touched(reading.columns), self.stamps.take())
            counters.EVENTS_STORED.inc(len(reading.columns))
        if reading.wrong:
            await self._quarantine(reading.wrong)

    async def _quarantine(self, wrong: Iterable[tuple[Message, WrongEvent | Rejection]]) -> None:
        free = asyncio.Semaphore(QUARANTINED_AT_ONCE)

        async def one(message: Message, what: WrongEvent | Rejection) -> None:
            async with free:
                if isinstance(what, WrongEvent):
                    await self.queue.quarantine(message, what.rejection, what.raw, what.ordinal)
                else:
                    await self.queue.quarantine(message, what, message.payload, None)
            counters.EVENTS_REJECTED.inc()

        async with asyncio.TaskGroup() as group:
            for message, what in wrong:
                group.create_task(one(message, what))

    def _is_well(self, events: int, pending: int) -> None:
        counters.MESSAGES_PENDING.set(pending)
        self.health.succeeded(f"stored {events} readings; {pending} messages wait" if events else "nothing waits")


def read_some(waiting: deque[Message]) -> Reading:
    """Read messages from the front of `waiting` until an insert is full."""
    reading = Reading()
    while waiting and len(reading.columns) < EVENTS_MAX:
        reading.take(waiting.popleft())
    return reading


def spans_touched(columns: Columns) -> list[tuple[Grain, int]]:
    """The windows and hours that the readings fall into."""
    windows = [(Grain.WINDOW, start_us) for start_us in sorted(columns.windows)]
    return windows + [(Grain.HOUR, start_us) for start_us in sorted(columns.hours)]
