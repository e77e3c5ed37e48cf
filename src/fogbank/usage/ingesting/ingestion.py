"""Ingestion: from the queue into the store, each reading at least once, and by its identity exactly once.

A message is acknowledged after its readings, the marks of the spans they fall into, how many came into which window,
and whatever of it was wrong are on disk. A kill at any point before that repeats the message, and repeating it changes
nothing.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

import structlog

from fogbank.compute.client import Refusal
from fogbank.events.reading import WrongEvent
from fogbank.queue.client import ALL, Message, PullConsumer, QueueClient, Share
from fogbank.runtime.component import Health
from fogbank.usage import counters
from fogbank.usage.ingesting.counting import runs_in
from fogbank.usage.ingesting.readers import READERS, Readers
from fogbank.usage.ingesting.reading import Reading, Wrong
from fogbank.usage.ingesting.setting_aside import SetAside, set_aside
from fogbank.usage.model import Grain
from fogbank.usage.retention.intake import Intake
from fogbank.usage.stamps import Stamps
from fogbank.usage.store import batches, marks
from fogbank.usage.store.engine import Engine

CONSUMER = "usage"
ACK_WAIT_SECONDS = 30.0
"""After a kill, what was in flight comes again this much later."""
MESSAGES_MAX = 400
LINGER_SECONDS = 0.25
"""How long a batch that is not full waits for more, so that a trickle does not become an insert per message."""
WAIT_SECONDS = 5.0
PAUSE_SECONDS = 1.0
BATCHES_AT_ONCE = READERS + 2
"""One per reader, one that is stored, and one that waits, so that no reader ever does."""
QUARANTINED_AT_ONCE = 32

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Ingestion:
    """Pulls, reads, stores, marks and acknowledges, a few batches at a time.

    `touched` are the windows that readings came into since somebody took them out.
    """

    queue: QueueClient
    engine: Engine
    readers: Readers
    stamps: Stamps
    health: Health
    ack_wait_seconds: float = ACK_WAIT_SECONDS
    touched: set[int] = field(default_factory=set)
    intake: Intake = field(default_factory=Intake)
    share: Share = ALL

    async def run(self) -> None:
        """Ingest for ever."""
        consuming = self.queue.usage_consumer(CONSUMER, ack_wait_seconds=self.ack_wait_seconds, share=self.share)
        async with consuming as consumer:
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
        if not self.queue.is_connected:
            self.health.failed("the queue is away; waiting for it")
        elif not messages:
            self._is_well(0, 0)
        return messages

    async def _ingest(self, consumer: PullConsumer, messages: list[Message], free: asyncio.Semaphore) -> None:
        try:
            while messages:
                reading = await self._read_and_store(messages)
                await self._quarantine(messages, reading.wrong)
                await consumer.ack(messages[: reading.messages])
                self._is_well(reading.events, messages[-1].pending)
                messages = messages[reading.messages :]
        except Exception as error:  # noqa: BLE001 - whatever it is, the messages come again and the next ones go on
            counters.BATCHES_FAILED.inc()
            _log.exception("batch_not_stored", messages=len(messages))
            self.health.failed(f"a batch of {len(messages)} messages was not stored and comes again: {error}")
            await asyncio.sleep(PAUSE_SECONDS)
        finally:
            free.release()

    async def store_again(self, messages: Sequence[Message]) -> tuple[int, int]:
        """Store what was read before, and acknowledge nothing; how many events were valid, and how many wrong.

        What is wrong was set aside when it first came.
        """
        events = wrong = 0
        while messages:
            reading = await self._read_and_store(messages)
            events, wrong = events + reading.events, wrong + len(reading.wrong)
            messages = messages[reading.messages :]
        return events, wrong

    async def _read_and_store(self, messages: Sequence[Message]) -> Reading:
        """The first of the messages, read and stored, as far as an insert goes."""
        # Before the batch, which retention may have to wait for: compute may be away for long.
        await self.readers.may_judge(messages)
        async with self.intake.batch() as batch:
            reading = await self.readers.read(messages, batch.floors)
            await batch.may_write(reading.windows)
            await self._store(reading, messages[: reading.messages])
        return reading

    async def _store(self, reading: Reading, messages: Sequence[Message]) -> None:
        if reading.file is None:
            return
        try:
            sequences = [message.stream_sequence for message in messages]
            runs = await asyncio.to_thread(runs_in, reading.file, sequences)
            await self.engine.insert("usage_events", reading.file)
        finally:
            reading.file.unlink()
        # The stamp is taken after the insert: who sees the mark sees the readings.
        await asyncio.gather(
            marks.mark(self.engine, spans_touched(reading), self.stamps.take()),
            batches.write(self.engine, runs, revision=0),
        )
        self.touched.update(reading.windows)
        counters.EVENTS_STORED.inc(reading.events)

    async def _quarantine(self, messages: Sequence[Message], wrong: Wrong) -> None:
        for _, what in wrong:
            rejection = what.rejection if isinstance(what, WrongEvent) else what
            if isinstance(rejection, Refusal):
                counters.NOT_ADMITTED.labels(rejection.why).inc()
        free = asyncio.Semaphore(QUARANTINED_AT_ONCE)

        async def one(entry: SetAside) -> None:
            async with free:
                await self.queue.quarantine(entry.message, entry.rejection, entry.payload, entry.ordinal)

        async with asyncio.TaskGroup() as group:
            for entry in set_aside(messages, wrong):
                group.create_task(one(entry))
        counters.EVENTS_REJECTED.inc(len(wrong))

    def _is_well(self, events: int, pending: int) -> None:
        counters.MESSAGES_PENDING.set(pending)
        if self.readers.trouble:
            self.health.failed(self.readers.trouble)
            return
        self.health.succeeded(f"stored {events} readings; {pending} messages wait" if events else "nothing waits")


def spans_touched(reading: Reading) -> list[tuple[Grain, int]]:
    """The windows and hours that the readings fall into."""
    windows = [(Grain.WINDOW, start_us) for start_us in sorted(reading.windows)]
    return windows + [(Grain.HOUR, start_us) for start_us in sorted(reading.hours)]
