"""The door's limits: what is too much is refused before it takes room, and what is too fast is told when to go on."""

import gzip
from collections.abc import AsyncIterator

import pytest
import zstandard
from tests.integration.queue.conftest import event, lines, opened_door

from fogbank.queue.door.limits import MIB, DoorLimits
from fogbank.runtime.embedded import NatsServer

SLOW = DoorLimits(
    body_bytes_max=64 * 1024, unpacked_bytes_max=MIB, events_max=40, requests_per_second=2, events_per_second=5
)
GENEROUS = DoorLimits(
    body_bytes_max=64 * 1024,
    unpacked_bytes_max=MIB,
    events_max=40,
    requests_per_second=1_000_000,
    events_per_second=1_000_000,
    bytes_per_second=1_000_000_000,
)


async def pieces(count: int) -> AsyncIterator[bytes]:
    """A body that does not say how long it is."""
    for _ in range(count):
        yield b" " * 4096


def unsized(data: bytes) -> bytes:
    """Compressed by zstd into a frame that does not say how much it holds."""
    stream = zstandard.ZstdCompressor().compressobj()
    return stream.compress(data) + stream.flush()


@pytest.mark.parametrize(
    ("body", "packing"),
    [
        (b" " * (64 * 1024 + 1), "identity"),
        (gzip.compress(bytes(50 * MIB)), "gzip"),
        (gzip.compress(bytes(MIB)) + gzip.compress(b"{}"), "gzip"),
        (zstandard.compress(bytes(50 * MIB)), "zstd"),
        (unsized(bytes(50 * MIB)), "zstd"),
        (gzip.compress(b"[" + b"1," * 400_000 + b"1]"), "gzip"),
        (gzip.compress(b"1\n" * 400_000), "gzip"),
        (gzip.compress(lines(*[event(f"i{number}") for number in range(41)])), "gzip"),
    ],
)
async def test_more_than_a_body_may_hold_is_refused(nats: NatsServer, body: bytes, packing: str) -> None:
    async with opened_door(nats, GENEROUS) as door:
        answer = await door.send(body, "application/x-ndjson", content_encoding=packing)
        assert answer.status_code == 413
        assert answer.json()["type"] == "urn:fogbank:problem:body-too-large"
        assert await door.messages() == 0


async def test_a_body_that_does_not_say_its_length_is_refused_while_it_is_read(nats: NatsServer) -> None:
    async with opened_door(nats, GENEROUS) as door:
        headers = {"authorization": "Bearer ann", "content-type": "application/json"}
        answer = await door.http.post("/api/v1/events", content=pieces(17), headers=headers)
        assert answer.status_code == 413


async def test_as_many_events_as_a_body_may_hold_are_taken(nats: NatsServer) -> None:
    async with opened_door(nats, GENEROUS) as door:
        body = lines(*[event(f"i{number}") for number in range(40)])
        assert (await door.send(body, "application/x-ndjson")).status_code == 202


async def test_who_asks_too_often_is_told_when_to_go_on(nats: NatsServer) -> None:
    async with opened_door(nats, SLOW) as door:
        answers = [await door.send(lines(event(f"i{number}"))) for number in range(21)]
        assert [answer.status_code for answer in answers] == [202] * 20 + [429]
        refused = answers[-1]
        assert refused.headers["retry-after"] == "1"
        assert refused.headers["ratelimit-policy"].startswith('"requests";q=20;w=10, "events";q=50;w=10')
        assert refused.headers["ratelimit"].startswith('"requests";r=0;t=10')
        assert (await door.send(lines(event()), caller="writer")).status_code == 202
        door.monotonic.seconds += 1
        assert (await door.send(lines(event()))).status_code == 202


async def test_events_beyond_the_allowance_are_paid_back_before_more_are_taken(nats: NatsServer) -> None:
    async with opened_door(nats, SLOW) as door:
        body = lines(*[event(f"i{number}") for number in range(40)])
        assert (await door.send(body, "application/x-ndjson")).status_code == 202
        assert (await door.send(body, "application/x-ndjson")).status_code == 202
        refused = await door.send(lines(event()))
        assert (refused.status_code, refused.headers["retry-after"]) == (429, "7")
        assert refused.json()["limit"] == "events"
        door.monotonic.seconds += 7
        assert (await door.send(lines(event()))).status_code == 202


async def test_our_own_services_are_not_held_back(nats: NatsServer) -> None:
    async with opened_door(nats, SLOW) as door:
        for number in range(25):
            answer = await door.send(lines(event(f"i{number}")), caller="importer")
            assert answer.status_code == 202
            assert "ratelimit" not in answer.headers
