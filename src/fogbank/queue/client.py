"""The queue's client: publish batches and signals, follow the latest readings, consume, quarantine.

Delivery is durable and at least once: `publish` returns after the server has the message on disk, and a consumer gets a
message again until it acknowledges it, each one by itself.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Self

import msgspec
import nats.errors
import structlog
from nats.aio.client import Client as NatsConnection
from nats.js.errors import APIError, NoStreamResponseError, NotFoundError

from fogbank.events.batch import CONTENT_ENCODING, CONTENT_TYPE, MESSAGE_ID, NODE, Batch
from fogbank.events.node_configuration import NodeConfiguration, decode_configuration, encode_configuration
from fogbank.events.signals import Signal
from fogbank.events.signing import SIGNATURE, SIGNATURE_KEY
from fogbank.events.usage_event import Rejection
from fogbank.queue.consumer import PullConsumer
from fogbank.queue.door.nodes import is_of_door
from fogbank.queue.durables import ensure_durable, ensure_signals_durable, pending_messages
from fogbank.queue.errors import BatchTooLarge, QueueUnavailable, StreamDoesNotFit
from fogbank.queue.following import follow_latest, replay
from fogbank.queue.message import Message
from fogbank.queue.shares import ALL, Share
from fogbank.queue.streams import ensure_stream, stream_configs
from fogbank.queue.subjects import (
    NODES_STREAM,
    SIGNALS_STREAM,
    USAGE_KEPT,
    USAGE_STREAM,
    StreamLimits,
    node_configuration_subject,
    quarantine_subject,
    signal_subject,
    usage_subject,
)
from fogbank.runtime.queue_keys import user_seed

__all__ = [
    "ALL",
    "BatchTooLarge",
    "Message",
    "PullConsumer",
    "QueueClient",
    "QueueUnavailable",
    "Share",
    "StreamDoesNotFit",
    "StreamLimits",
    "is_of_door",
    "usage_subject",
]

QUARANTINED_FIELD = "Fogbank-Rejected-Field"
QUARANTINED_REASON = "Fogbank-Rejected-Reason"
QUARANTINED_FROM = "Fogbank-Rejected-Message"
REASON_CHARACTERS_MAX = 512
KEPT_HEADERS = frozenset({CONTENT_TYPE, CONTENT_ENCODING, SIGNATURE, SIGNATURE_KEY})
HEADERS_BYTES_MIN = 128
"""Of the line before all headers, the blank one after them, and what the library adds."""
MESSAGE_TOO_LARGE = 10054
"""JetStream's code for a message that is larger than a stream takes."""

RECONNECT_SECONDS = 0.5
PING_SECONDS = 10

_log = structlog.get_logger(__name__)


class _Connection(NatsConnection):
    """The library's, which ends its connection over headers that make no sense; anybody who publishes may send such."""

    async def _process_headers(self, headers: bytes) -> dict[str, str] | None:
        """The headers of a message that came; None where they are none."""
        try:
            found: dict[str, str] | None = await super()._process_headers(headers)
        except (LookupError, ValueError):
            return None
        return found


@dataclass(frozen=True, slots=True)
class QueueClient:
    """A connection to the queue that reconnects for ever. Safe to use from many tasks at once."""

    connection: NatsConnection
    limits: StreamLimits = field(default_factory=StreamLimits)

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        url: str,
        *,
        user: str | None = None,
        password: str | None = None,
        nkey_seed: bytes | None = None,
        inbox_prefix: str | None = None,
        name: str = "fogbank",
        limits: StreamLimits | None = None,
    ) -> AsyncIterator[Self]:
        """Connect to `url`, waiting until it is there and lets us in; at the end, flush and close.

        A service signs in by `user` and `password`, a node by its private key `nkey_seed`, 32 bytes, which takes its
        `inbox_prefix`. Of a cluster, `url` may name several servers, with commas between them. `limits` are those of
        the streams that this client makes.
        """
        news = _ConnectionNews()
        connection = _Connection()
        await connection.connect(
            url.split(","),
            user=user,
            password=password,
            nkeys_seed_str=None if nkey_seed is None else user_seed(nkey_seed),
            name=name,
            inbox_prefix=inbox_prefix or "_INBOX",
            max_reconnect_attempts=-1,
            reconnect_time_wait=RECONNECT_SECONDS,  # type: ignore[arg-type] # it takes fractions
            ping_interval=PING_SECONDS,
            error_cb=news.failed,
            disconnected_cb=news.lost,
            reconnected_cb=news.back,
        )
        try:
            yield cls(connection, limits or StreamLimits())
        finally:
            news.is_expected = True
            await connection.close()

    @property
    def is_connected(self) -> bool:
        """Whether the queue is there now; while it is not, nothing can be fetched, which is not the same as empty."""
        return self.connection.is_connected

    async def ensure_streams(self, limits: StreamLimits | None = None) -> None:
        """Make the four streams, or bring them to `limits`; `StreamDoesNotFit` where the disk has less room."""
        for config in stream_configs(limits or self.limits):
            await ensure_stream(self.connection.jetstream(), config)

    async def publish(self, subject: str, batch: Batch, timeout_seconds: float = 5.0) -> int:
        """Store one batch; returns its stream sequence, after the server has it on disk.

        A batch that was stored before under its `Nats-Msg-Id` returns the first one's sequence. `QueueUnavailable`
        means that it may or may not be stored, and is to be sent again; `BatchTooLarge` that it never will be.
        """
        if _size_of(batch) > self.connection.max_payload:
            # The server counts headers too, and closes the connection of who sends more; the library does not.
            raise _too_large(batch)
        jetstream = self.connection.jetstream()
        try:
            acknowledged = await jetstream.publish(
                subject, batch.payload, timeout=timeout_seconds, headers=dict(batch.headers)
            )
        except APIError as error:
            if error.err_code == MESSAGE_TOO_LARGE:
                raise _too_large(batch) from error
            raise QueueUnavailable(f"'{subject}' was not confirmed: {error!r}") from error
        except (nats.errors.Error, NoStreamResponseError, TimeoutError) as error:
            raise QueueUnavailable(f"'{subject}' was not confirmed: {error!r}") from error
        _end_if_cancelled()
        return acknowledged.seq

    @asynccontextmanager
    async def usage_consumer(
        self, durable: str, *, ack_wait_seconds: float = 30.0, share: Share = ALL
    ) -> AsyncIterator[PullConsumer]:
        """The durable consumer of every node's batches, or of a share of them, made if it is not there.

        It begins with the first batch that no earlier division of that consumer is sure to have read. What is not
        acknowledged within `ack_wait_seconds` is delivered again, for ever.
        """
        name = await ensure_durable(self.connection.jetstream(), durable, share, ack_wait_seconds)
        async with PullConsumer.open(self.connection, USAGE_STREAM, name) as consumer:
            yield consumer

    @asynccontextmanager
    async def signals_consumer(self, durable: str, *, ack_wait_seconds: float = 30.0) -> AsyncIterator[PullConsumer]:
        """The durable consumer of every signal, made if it is not there; it begins with the oldest that is kept.

        What is not acknowledged within `ack_wait_seconds` is delivered again, for ever.
        """
        await ensure_signals_durable(self.connection.jetstream(), durable, ack_wait_seconds)
        async with PullConsumer.open(self.connection, SIGNALS_STREAM, durable) as consumer:
            yield consumer

    def follow_latest(self) -> AsyncGenerator[Message, None]:
        """The last batch of every node, then each new one as it comes, for ever, through every reconnect."""
        return follow_latest(self.connection, USAGE_STREAM, USAGE_KEPT)

    def replay_usage(self) -> AsyncGenerator[list[Message], None]:
        """Every batch that the queue holds now, in order and in handfuls."""
        return replay(self.connection, USAGE_STREAM, USAGE_KEPT)

    async def usage_pending(self, durable: str, workers: int = 1) -> int:
        """How many batches that consumer, divided among so many workers, has not acknowledged yet."""
        return await pending_messages(self.connection.jetstream(), durable, workers)

    async def quarantine(self, message: Message, rejection: Rejection, payload: bytes, ordinal: int | None) -> None:
        """Set aside what was not valid: the event's own bytes, or with `ordinal` None the message's payload whole.

        The headers keep those that the message is read and judged by, and say field and reason. Its id is the place it
        came from, so a redelivered message is quarantined once. Returns after it is on disk.
        """
        place = f"{message.stream_sequence}" if ordinal is None else f"{message.stream_sequence}.{ordinal}"
        # Of what the sender chose, no more than says how to read it: the queue obeys some headers, and refuses others.
        kept = {name: header_text(value) for name, value in message.headers.items() if name in KEPT_HEADERS}
        headers = {
            **(kept if ordinal is None else {}),
            MESSAGE_ID: f"quarantine:{message.received_at.timestamp():.6f}:{place}",
            NODE: message.node_id,
            QUARANTINED_FIELD: header_text(rejection.field),
            QUARANTINED_REASON: header_text(rejection.reason),
            QUARANTINED_FROM: place,
        }
        await self.publish(quarantine_subject(message.node_id), Batch(payload, headers))

    async def configure(self, node_id: str, configuration: NodeConfiguration) -> None:
        """Put a node's configuration in force: the agent finds it at its next tick. On disk when this returns."""
        await self.publish(node_configuration_subject(node_id), Batch(encode_configuration(configuration), {}))

    async def configuration_of(self, node_id: str, timeout_seconds: float = 5.0) -> NodeConfiguration | None:
        """The configuration in force, or None where the node never had one.

        `QueueUnavailable` where the queue does not answer; `ConfigurationUnreadable` where it is none that we know.
        """
        jetstream = self.connection.jetstream(timeout=timeout_seconds)
        try:
            kept = await jetstream.get_last_msg(NODES_STREAM, node_configuration_subject(node_id), direct=True)
        except NotFoundError:
            return None
        except (nats.errors.Error, NoStreamResponseError, APIError, TimeoutError) as error:
            raise QueueUnavailable(f"the configuration of '{node_id}' was not answered: {error!r}") from error
        _end_if_cancelled()
        return decode_configuration(kept.data or b"")

    async def signal(self, signal: Signal) -> None:
        """Tell a fact; telling it again under the same id within minutes is telling it once."""
        batch = Batch(msgspec.json.encode(signal), {MESSAGE_ID: signal.id})
        await self.publish(signal_subject(signal.type), batch)


def _size_of(batch: Batch) -> int:
    """At least what the server counts: the payload, and the headers as lines after a first one."""
    lines = sum(len(name.encode()) + len(value.encode()) + 4 for name, value in batch.headers.items())
    return len(batch.payload) + lines + HEADERS_BYTES_MIN


def _too_large(batch: Batch) -> BatchTooLarge:
    return BatchTooLarge(f"{len(batch.payload)} bytes are more than the queue takes in one message")


def _end_if_cancelled() -> None:
    """Until Python 3.12, `asyncio.wait_for` forgets a cancellation that comes together with the answer it waits for."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


def header_text(text: str) -> str:
    """`text` as one header line: bounded, and no line break or foreign byte may forge another header."""
    return text[:REASON_CHARACTERS_MAX].encode("ascii", "backslashreplace").decode().translate(_LINE_BREAKS)


_LINE_BREAKS = str.maketrans({"\r": " ", "\n": " "})


REFUSED = "authorization violation"
"""In what NATS says to whom it does not let in."""
WHY_REFUSED = "it does not let this key or password in: it was revoked, or who knows the nodes does not answer now"


@dataclass(slots=True)
class _ConnectionNews:
    """Says once when the connection is lost, once when it is back, and of what fails in between each thing once.

    That it is refused is news at any time: who is refused may wait for ever.
    """

    is_lost: bool = False
    is_expected: bool = False
    told: set[str] = field(default_factory=set)

    async def failed(self, error: Exception) -> None:
        is_refusal = REFUSED in str(error).lower()
        said = REFUSED if is_refusal else repr(error)
        if said in self.told or (self.is_lost and not is_refusal):
            return
        self.told.add(said)
        if is_refusal:
            _log.warning("queue_refuses_us", reason=WHY_REFUSED)
        else:
            _log.warning("queue_error", error=said)

    async def lost(self) -> None:
        if not self.is_lost and not self.is_expected:
            self.is_lost = True
            _log.warning("queue_disconnected")

    async def back(self) -> None:
        self.is_lost = False
        self.told.clear()
        _log.info("queue_reconnected")
