"""What a backup says of itself."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

FORMAT = 1
"""How the archive is laid out; a reader refuses a higher one."""


@dataclass(frozen=True, slots=True)
class Member:
    """One file of the archive: its bytes and digest as they are stored, and how many bytes it unpacks to."""

    name: str
    stored_bytes: int
    sha256: str
    content_bytes: int


@dataclass(frozen=True, slots=True)
class Place:
    """How far a durable consumer had acknowledged, without a gap, before the usage store was saved.

    `config` is the consumer's, as the queue tells it. What comes after `acknowledged` is delivered again.
    """

    stream: str
    consumer: str
    acknowledged: int
    config: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Stream:
    """One stream of the queue, as the queue told of it when its snapshot began."""

    name: str
    config: dict[str, Any]
    state: dict[str, Any]

    @property
    def last_sequence(self) -> int:
        return int(self.state["last_seq"])


@dataclass(frozen=True, slots=True)
class Manifest:
    """The last member of an archive: what is in it, from which Fogbank, and as of when.

    `schemas` are the newest migrations of the database. `left_out` names what the operator runs apart, and saves apart.
    """

    format: int
    fogbank: str
    postgres: str
    schemas: dict[str, str]
    node_id: str
    began_at: datetime
    ended_at: datetime
    was_running: bool
    left_out: list[str]
    members: list[Member]
    streams: list[Stream] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)

    @property
    def content_bytes(self) -> int:
        """How much room a restore needs."""
        return sum(member.content_bytes for member in self.members)

    def has(self, name: str) -> bool:
        return any(member.name == name for member in self.members)
