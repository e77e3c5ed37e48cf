"""A message as it came from the queue."""

from dataclasses import dataclass, field
from datetime import datetime

from nats.aio.msg import Msg

from fogbank.events.batch import NODE
from fogbank.queue.subjects import node_of_subject


@dataclass(frozen=True, slots=True)
class Message:
    """One message: what was sent, where it stands in its stream, and when the server stored it.

    `stream_sequence` is unique in the stream and never used again; `received_at` is the server's clock, the same at
    every redelivery. `ack_subject` is where the acknowledgement goes. `pending` is how many more wait behind it.
    """

    subject: str
    node_id: str
    payload: bytes
    headers: dict[str, str] = field(repr=False)
    stream_sequence: int
    received_at: datetime
    ack_subject: str = field(repr=False)
    pending: int


def message_of(raw: Msg) -> Message:
    """The message that JetStream delivered. The node is the subject's: only it is checked against credentials."""
    metadata = raw.metadata
    return Message(
        subject=raw.subject,
        node_id=node_of_subject(raw.subject) if raw.subject.startswith("usage.") else (raw.headers or {}).get(NODE, ""),
        payload=raw.data,
        headers=raw.headers or {},
        stream_sequence=metadata.sequence.stream,
        received_at=metadata.timestamp,
        ack_subject=raw.reply,
        pending=metadata.num_pending,
    )
