"""Judging messages where they are read, by the book: in the process that reads them, whichever that is."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from threading import Lock

from fogbank.compute.client.admission import Policy, Refusal, Said, Trust, judge_message, judge_readings
from fogbank.compute.client.admitting.proofs import Proof, Proofs, name_of
from fogbank.compute.client.admitting.store import BookReader, KnownNode
from fogbank.compute.client.facts import Placements
from fogbank.events.reading import MessageEvents
from fogbank.kernel.periods import microseconds_of
from fogbank.queue.client import Message, is_of_door

PLACEMENTS_MAX = 200_000
"""How many placements a process keeps at hand, some 100 MB."""
BOOKS_MAX = 4


@dataclass(slots=True)
class Memory:
    """What a process remembers of one book from batch to batch. Threads may share it."""

    proofs: Proofs = field(default_factory=Proofs)
    placements_max: int = PLACEMENTS_MAX
    _placements: dict[tuple[str, int], Placements] = field(default_factory=dict)
    _count: int = 0
    _one_at_a_time: Lock = field(default_factory=Lock)

    def placements_of(self, book: BookReader, node: KnownNode) -> Placements:
        """What is on the node: from memory, else from the book. What was not asked for longest is forgotten."""
        name = (node.identity.node_id, node.revision)
        with self._one_at_a_time:
            found = self._placements.pop(name, None)
            if found is None:
                found = book.placements(node.identity.node_id)
                self._count += len(found)
            self._placements[name] = found
            while self._count > self.placements_max and len(self._placements) > 1:
                self._count -= len(self._placements.pop(next(iter(self._placements))))
            return found


@lru_cache(maxsize=BOOKS_MAX)
def memory_of(_path: Path) -> Memory:
    """The memory that this process has of the book at that path."""
    return Memory()


@dataclass(frozen=True, slots=True)
class Judging:
    """How messages are judged: by the book at `path` and a policy. Travels to other processes."""

    path: Path
    policy: Policy

    @contextmanager
    def judge(self) -> Iterator["Judge"]:
        """A judge of some messages, for one thread."""
        with BookReader.open(self.path) as book:
            yield Judge(book, self.policy, memory_of(self.path))


@dataclass(frozen=True, slots=True)
class Admitted:
    """The events of a message that is believed, billed to whom they are to be billed, and the wrong ones.

    `unplaced` are the places among the valid of those whose node places itself, where nobody else placed them.
    """

    events: MessageEvents
    unplaced: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class Judge:
    """Judges messages. The book must be complete as of later than each was received."""

    book: BookReader
    policy: Policy
    memory: Memory

    def sender(self, message: Message) -> KnownNode | Refusal | None:
        """Whose placements the message's readings are judged by; None where they are taken as they are."""
        if is_of_door(message.node_id):
            return None  # The door knew its caller, and nobody else may publish under that name.
        node = self.book.node(message.node_id)
        received_us = microseconds_of(message.received_at)
        said = Said(message.node_id, message.headers, message.payload, received_us)
        trust = judge_message(said, None if node is None else node.identity, self.policy)
        if isinstance(trust, Refusal):
            return trust
        if node is None or trust is Trust.AS_SAID:
            return None
        return node._replace(is_decided=trust is Trust.DECIDED)

    def judged(self, events: MessageEvents, message: Message, node: KnownNode) -> Admitted:
        """What becomes of the events of `message`; what was on no placement is among the wrong."""
        if not events.valid:
            return Admitted(events)
        fields, received_us = events.fields, microseconds_of(message.received_at)
        starts_us = fields.distinct_starts_us
        name = name_of(node.identity.node_id, node.revision, fields)
        proof = self.memory.proofs.get(name)
        if proof is not None and proof.covers(starts_us, received_us):
            return Admitted(events)
        placements = self.memory.placements_of(self.book, node)
        verdicts = judge_readings(node.identity, placements, fields, received_us)
        if verdicts.are_plain:
            self._remember(name, placements, starts_us, received_us)
        billed = events.billed_to(verdicts.owners)
        refused = {} if node.is_decided else verdicts.refused
        return Admitted(billed.set_aside(refused, message.payload, message.headers), verdicts.unplaced)

    def _remember(self, name: bytes, placements: Placements, starts_us: set[int], received_us: int) -> None:
        proof = Proof.around(placements, min(starts_us), received_us)
        if proof.covers(starts_us, received_us):
            self.memory.proofs.put(name, proof)
