"""The queue's streams, by JetStream's own snapshots; and how far each consumer had come.

A snapshot says of its consumers what holds when it ends, which may be more than the messages in it. So they are left
out: where each had acknowledged without a gap is asked before, and the restored stream delivers again from there.
"""

import asyncio
from collections.abc import Sequence
from typing import IO, Any

import msgspec
import nats.errors
from nats.aio.client import Client as NatsConnection
from nats.aio.msg import Msg

from fogbank.backup.archive import Sink
from fogbank.backup.errors import BackupFailed
from fogbank.backup.model import Place, Stream

API = "$JS.API"
CHUNK_BYTES = 256 * 1024
WINDOW_BYTES = 8 * 1024 * 1024
ANSWER_SECONDS = 30.0
"""The server reads, or writes, what it was last sent within that time."""
COMPLETE_SECONDS = 600.0
"""It opens a restored stream within that time, which takes looking at every block of it."""
COMPLETE = "204"


async def stream_names(connection: NatsConnection) -> list[str]:
    """Every stream of the queue."""
    return list((await _ask(connection, "STREAM.NAMES", {}))["streams"] or ())


async def places(connection: NatsConnection, streams: Sequence[str]) -> list[Place]:
    """How far each durable consumer of these streams has acknowledged every message."""
    return [
        Place(stream, consumer["name"], consumer["ack_floor"]["stream_seq"], consumer["config"])
        for stream in streams
        for consumer in (await _ask(connection, f"CONSUMER.LIST.{stream}", {}))["consumers"] or ()
        if consumer["config"].get("durable_name")
    ]


async def save(connection: NatsConnection, name: str, sink: Sink) -> Stream:
    """Write a snapshot of the stream, messages only, as the server sends it."""
    inbox = connection.new_inbox()
    subscription = await connection.subscribe(inbox, pending_bytes_limit=2 * WINDOW_BYTES)
    try:
        wish = {"deliver_subject": inbox, "no_consumers": True, "chunk_size": CHUNK_BYTES, "window_size": WINDOW_BYTES}
        told = await _ask(connection, f"STREAM.SNAPSHOT.{name}", wish)
        while (chunk := await _next(subscription.next_msg(ANSWER_SECONDS), name)).data:
            await asyncio.to_thread(sink.write, chunk.data)
            if chunk.reply:
                await connection.publish(chunk.reply)
    finally:
        await subscription.unsubscribe()
    status = (chunk.headers or {}).get("Status", COMPLETE)
    if status != COMPLETE:
        raise BackupFailed(f"The queue broke off its snapshot of {name}: {status} {(chunk.headers or {})}.")
    return Stream(name, told["config"], told["state"])


async def restore(connection: NatsConnection, stream: Stream, chunks: IO[bytes]) -> None:
    """Make the stream of its snapshot on a server that does not have it; `BackupFailed` where it is not as it was."""
    told = await _ask(connection, f"STREAM.RESTORE.{stream.name}", {"config": stream.config, "state": stream.state})
    subject = told["deliver_subject"]
    while chunk := await asyncio.to_thread(chunks.read, CHUNK_BYTES):
        _refuse(await _next(connection.request(subject, chunk, ANSWER_SECONDS), stream.name))
    done = _refuse(await _next(connection.request(subject, b"", COMPLETE_SECONDS), stream.name))
    last = done["state"]["last_seq"]
    if last < stream.last_sequence:
        raise BackupFailed(
            f"Stream {stream.name} ends at {last} and not at {stream.last_sequence}; it is not restored."
        )


async def put_in_place(connection: NatsConnection, place: Place) -> None:
    """Make the consumer anew, to go on after what it had acknowledged."""
    wish = {"stream_name": place.stream, "config": place.config, "action": "create"}
    await _ask(connection, f"CONSUMER.CREATE.{place.stream}.{place.consumer}", wish)
    await _ask(connection, f"CONSUMER.RESET.{place.stream}.{place.consumer}", {"seq": place.acknowledged + 1})


async def _ask(connection: NatsConnection, what: str, wish: dict[str, Any]) -> dict[str, Any]:
    message = msgspec.json.encode(wish)
    return _refuse(await _next(connection.request(f"{API}.{what}", message, ANSWER_SECONDS), what))


async def _next(coming: Any, what: str) -> Msg:
    try:
        message: Msg = await coming
    except (nats.errors.Error, TimeoutError) as error:
        raise BackupFailed(f"The queue does not answer about {what}: {error!r}.") from error
    return message


def _refuse(message: Msg) -> dict[str, Any]:
    """The answer; `BackupFailed` in the queue's words where it is an error."""
    answer: dict[str, Any] = msgspec.json.decode(message.data) if message.data else {}
    if "error" in answer:
        raise BackupFailed(f"The queue refused: {answer['error'].get('description', answer['error'])}.")
    return answer
