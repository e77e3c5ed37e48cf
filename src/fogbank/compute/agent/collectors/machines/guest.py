"""What a QEMU guest is given and what it says of itself, from the answers of its monitor. Pure."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import msgspec

from fogbank.compute.agent.collectors.machines.qmp import Answer, QmpFailed, Question, Refused, content

NEVER_REPORTED = (1 << 64) - 1
"""What a balloon's field holds until the guest reports it: it is missing, not huge."""
BALLOON_TYPES = ("child<virtio-balloon",)
DEVICES = ("/machine/peripheral", "/machine/peripheral-anon")

WHERE_DEVICES_ARE = tuple(Question("qom-list", {"path": path}) for path in DEVICES)
"""Asked once of each guest."""
EVERY_LOOK = (
    Question("query-cpus-fast"),
    Question("query-memory-size-summary"),
    Question("query-block"),
    Question("query-balloon"),
)


def guest_statistics(balloon: str) -> Question:
    """What the guest reports through the balloon at that path, where it does."""
    return Question("qom-get", {"path": balloon, "property": "guest-stats"})


class Image(NamedTuple):
    """A disk that the guest may write: the layer of it that is the guest's own.

    `allocated_bytes` is what QEMU finds occupied, None where the storage cannot tell.
    """

    filename: str
    allocated_bytes: int | None
    size_bytes: int


class Guest(NamedTuple):
    """What a guest has. `used_bytes` of its memory is what it says itself, None where it says nothing.

    `threads` of the host run its cores; emulation may run several cores in one.
    """

    cores: int
    threads: frozenset[int]
    configured_bytes: int
    left_by_balloon_bytes: int
    used_bytes: int | None
    images: tuple[Image, ...]


class _Virtual(msgspec.Struct, frozen=True):
    thread_id: int = msgspec.field(name="thread-id")


class _Memory(msgspec.Struct, frozen=True):
    base: int = msgspec.field(name="base-memory")
    plugged: int = msgspec.field(name="plugged-memory", default=0)


class _Balloon(msgspec.Struct, frozen=True):
    actual: int


class _Statistics(
    msgspec.Struct, frozen=True, rename={"total": "stat-total-memory", "available": "stat-available-memory"}
):
    total: int = NEVER_REPORTED
    available: int = NEVER_REPORTED


class _Reported(msgspec.Struct, frozen=True):
    stats: _Statistics


class _Image(msgspec.Struct, frozen=True, rename="kebab"):
    filename: str
    virtual_size: int
    actual_size: int | None = None


class _Inserted(msgspec.Struct, frozen=True):
    image: _Image
    ro: bool


class _Drive(msgspec.Struct, frozen=True):
    inserted: _Inserted | None = None


class _Device(msgspec.Struct, frozen=True):
    name: str
    type: str


def balloon_of(answers: Sequence[Answer]) -> str | None:
    """The path of the guest's balloon, from the answers to `WHERE_DEVICES_ARE`."""
    for directory, answer in zip(DEVICES, answers, strict=True):
        for device in content(answer, list[_Device]):
            if device.type.startswith(BALLOON_TYPES):
                return f"{directory}/{device.name}"
    return None


def guest_of(answers: Sequence[Answer]) -> Guest:
    """The guest, from the answers to `EVERY_LOOK` and, where it has a balloon, to `guest_statistics`.

    `QmpFailed` where anything that is billed is missing.
    """
    cpus, memory, drives, balloon, *statistics = answers
    size = content(memory, _Memory)
    cores = content(cpus, list[_Virtual])
    configured_bytes = size.base + size.plugged
    # QEMU refuses to speak of a balloon that is not there: then nothing was taken back.
    left_bytes = configured_bytes if isinstance(balloon, Refused) else content(balloon, _Balloon).actual
    if not cores or not 0 < left_bytes <= configured_bytes:
        raise QmpFailed(f"QEMU speaks of {len(cores)} cores and {left_bytes} of {configured_bytes} bytes of memory")
    return Guest(
        cores=len(cores),
        threads=frozenset(each.thread_id for each in cores),
        configured_bytes=configured_bytes,
        left_by_balloon_bytes=left_bytes,
        used_bytes=_used_bytes(statistics),
        images=tuple(_images(drives)),
    )


def _used_bytes(statistics: Sequence[Answer]) -> int | None:
    for answer in statistics:
        if not isinstance(answer, Refused):
            reported = content(answer, _Reported).stats
            if NEVER_REPORTED not in (reported.total, reported.available):
                return max(0, reported.total - reported.available)
    return None


def _images(drives: Answer) -> Iterator[Image]:
    for drive in content(drives, list[_Drive]):
        if drive.inserted is not None and not drive.inserted.ro:
            image = drive.inserted.image
            yield Image(image.filename, image.actual_size, image.virtual_size)
