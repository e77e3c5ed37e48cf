"""The quarantine: what was not valid, looked at, mended and sent again, or discarded.

Entries are messages of the queue and stay there until it forgets them. What was decided about one is kept in the store.
What is sent again is a new message under a name of its own, so sending it twice is sending it once.
"""

import asyncio
from collections.abc import Collection
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from hashlib import sha256

from fogbank.events.batch import CONTENT_ENCODING, CONTENT_TYPE, MESSAGE_ID, NODE, Batch, BatchUnreadable, payload_text
from fogbank.events.reading import read_events
from fogbank.events.signing import signed
from fogbank.kernel.periods import instant_of, microseconds_of
from fogbank.queue.client import (
    QUARANTINED_FIELD,
    QUARANTINED_FROM,
    QUARANTINED_REASON,
    Message,
    QueueClient,
    usage_subject,
)
from fogbank.queue.ranges import kept, message_at, read_range, sequence_at
from fogbank.queue.subjects import QUARANTINE_STREAM, quarantine_subject
from fogbank.runtime.activity import ActivityLog
from fogbank.runtime.clock import Clock
from fogbank.usage.mending.errors import EntryClosed, NoEntry, StillWrong
from fogbank.usage.mending.model import Decision, EntriesAsked, Entry, EntryState
from fogbank.usage.mending.rules import digest_of
from fogbank.usage.store import decisions
from fogbank.usage.store.engine import Engine

REPLAY, DISCARD = "usage.quarantine.replay", "usage.quarantine.discard"
LOOKED_THROUGH_MAX = 10_000
"""How many entries one page looks through for those that are asked for."""
SIZE = "Nats-Msg-Size"

Decided = tuple[Entry, Decision | None]


@dataclass(frozen=True, slots=True)
class Quarantine:
    """Lists entries and decides about them, one at a time.

    What is sent again is signed by the installation's own private key `seed`, which may speak for every node: an
    administrator decided about it.
    """

    queue: QueueClient
    engine: Engine
    activity: ActivityLog
    clock: Clock
    seed: bytes | None = None
    _one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def page(self, asked: EntriesAsked) -> tuple[list[Decided], int | None]:
        """The entries that are asked for, oldest first, and after which one to go on; None at the end."""
        first = asked.after + 1
        if asked.from_us is not None:
            at = instant_of(asked.from_us)
            first = max(first, await sequence_at(self.queue.connection, QUARANTINE_STREAM, at))
        last = (await kept(self.queue.connection, QUARANTINE_STREAM)).last
        subject = None if asked.node_id is None else quarantine_subject(asked.node_id)
        found: list[Decided] = []
        looked = 0
        entries = read_range(self.queue.connection, QUARANTINE_STREAM, first, last, subject=subject, whole=False)
        async with aclosing(entries) as handfuls:
            async for messages in handfuls:
                for each in await self._decided([entry_of(message) for message in messages]):
                    if asked.to_us is not None and each[0].received_us >= asked.to_us:
                        return found, None
                    found += [each] if _is_asked(each, asked) else []
                    looked += 1
                    if len(found) == asked.limit or looked == LOOKED_THROUGH_MAX:
                        return found, each[0].id
        return found, None

    async def entry(self, entry_id: int) -> tuple[Decided, Message]:
        """An entry, what was decided about it, and its message; `NoEntry` where the queue has none or forgot it."""
        message = await message_at(self.queue.connection, QUARANTINE_STREAM, entry_id)
        if message is None:
            raise NoEntry(entry_id)
        [decided] = await self._decided([entry_of(message)])
        return decided, message

    async def replay(self, entry_id: int, text: str | None, *, actor_id: str, reason: str) -> Decided:
        """Send the entry to the queue again, as it is or as `text`; `StillWrong` where it would be set aside again.

        Doing the same again is doing it once; `EntryClosed` where something else was done before.
        """
        async with self._one_at_a_time:
            (entry, decision), message = await self.entry(entry_id)
            batch = _batch_of(entry, message, text)
            digest = sha256(batch.payload).hexdigest()
            if decision is not None:
                if decision.state is EntryState.REPLAYED and decision.payload_sha256 == digest:
                    return entry, decision
                raise EntryClosed(entry_id, decision.state)
            _require_right(batch, microseconds_of(self.clock()))
            await self._log(REPLAY, entry, actor_id, reason, {"payload_sha256": digest, "edited": text is not None})
            batch = signed(batch, self.seed) if self.seed else batch
            sequence = await self.queue.publish(usage_subject(entry.node_id), batch)
            decision = self._decision(entry, EntryState.REPLAYED, actor_id, reason)
            decision = replace(decision, payload_sha256=digest, stream_sequence=sequence)
            await decisions.write(self.engine, decision)
            return entry, decision

    async def discard(self, entry_id: int, *, actor_id: str, reason: str) -> Decided:
        """Let the entry be. Its bytes stay until the queue forgets them. `EntryClosed` where it was replayed."""
        async with self._one_at_a_time:
            (entry, decision), _ = await self.entry(entry_id)
            if decision is not None:
                if decision.state is EntryState.DISCARDED:
                    return entry, decision
                raise EntryClosed(entry_id, decision.state)
            await self._log(DISCARD, entry, actor_id, reason, {})
            decision = self._decision(entry, EntryState.DISCARDED, actor_id, reason)
            await decisions.write(self.engine, decision)
            return entry, decision

    async def _decided(self, entries: Collection[Entry]) -> list[Decided]:
        known = await decisions.of_entries(self.engine, [entry.id for entry in entries]) if entries else {}
        return [(entry, known.get((entry.id, entry.received_us))) for entry in entries]

    async def _log(self, action: str, entry: Entry, actor_id: str, reason: str, after: dict[str, object]) -> None:
        """Say in the activity log what is about to be done; the same again is the same act."""
        digest = digest_of(entry.id, entry.received_us, actor_id, reason, after)
        await self.activity.record_activity(
            id_=f"{action}:{digest}",
            actor_id=actor_id,
            action=action,
            subject=f"quarantine:{entry.id}",
            reason=reason,
            before={"node_id": entry.node_id, "field": entry.field, "reason": entry.reason, "place": entry.place},
            after=after,
        )

    def _decision(self, entry: Entry, state: EntryState, actor_id: str, reason: str) -> Decision:
        return Decision(
            entry=entry.id,
            received_us=entry.received_us,
            state=state,
            payload_sha256="",
            stream_sequence=0,
            actor_id=actor_id,
            reason=reason,
            at_us=microseconds_of(self.clock()),
        )


def entry_of(message: Message) -> Entry:
    """The entry that a message of the quarantine is."""
    headers = message.headers
    return Entry(
        id=message.stream_sequence,
        node_id=message.node_id,
        field=headers.get(QUARANTINED_FIELD, ""),
        reason=headers.get(QUARANTINED_REASON, ""),
        place=headers.get(QUARANTINED_FROM, ""),
        payload_bytes=int(headers.get(SIZE, len(message.payload))),
        received_us=microseconds_of(message.received_at),
    )


def text_of(message: Message, bytes_max: int) -> str | None:
    """The payload as people read it, unpacked; None where it is no text, or more than `bytes_max`."""
    try:
        text = payload_text(message.payload, message.headers)
        return text.decode() if len(text) <= bytes_max else None
    except (BatchUnreadable, UnicodeDecodeError):
        return None


def _is_asked(decided: Decided, asked: EntriesAsked) -> bool:
    entry, decision = decided
    state = EntryState.OPEN if decision is None else decision.state
    said = f"{entry.field}: {entry.reason}".lower()
    return (asked.state is None or asked.state is state) and (asked.reason is None or asked.reason.lower() in said)


def _batch_of(entry: Entry, message: Message, text: str | None) -> Batch:
    """The message to send, under a name that is the same for the same content of the same entry."""
    payload = message.payload if text is None else text.encode()
    own = {} if text is not None else {name: message.headers.get(name) for name in (CONTENT_TYPE, CONTENT_ENCODING)}
    name = f"quarantine-replay:{entry.id}:{entry.received_us}:{sha256(payload).hexdigest()[:32]}"
    headers = {MESSAGE_ID: name, NODE: entry.node_id}
    return Batch(payload, headers | {key: value for key, value in own.items() if value is not None})


def _require_right(batch: Batch, now_us: int) -> None:
    try:
        events = read_events(batch.payload, batch.headers, now_us)
    except BatchUnreadable as error:
        raise StillWrong(None, "(message)", str(error)) from None
    for wrong in events.wrong:
        raise StillWrong(wrong.ordinal, wrong.rejection.field, wrong.rejection.reason)
    if not events.valid:
        raise StillWrong(None, "(message)", "holds no event")
