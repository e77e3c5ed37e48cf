"""What the door and the registry answer."""

from dataclasses import dataclass

from fogbank.queue.door.reading import WrongEvent


@dataclass(frozen=True, slots=True)
class EventsVerdict:
    """How many events a body held, how many of them are on disk, and what is wrong with each other one."""

    events: int
    accepted: int
    errors: list[WrongEvent]


@dataclass(frozen=True, slots=True)
class PublishedSchema:
    """A type of event in one of its versions, and where its JSON Schema is."""

    type: str
    version: str
    title: str
    id: str
    path: str
