"""The world of the door: the real queue, the component served in memory, callers by their names."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx
import msgspec
import pytest_asyncio
from fastapi import FastAPI
from nats.js.api import RawStreamMsg

from fogbank.events.reading import MessageEvents, read_events
from fogbank.events.schemas.registry import USAGE_EXAMPLE
from fogbank.kernel.periods import microseconds_of
from fogbank.queue.client import QueueClient
from fogbank.queue.component import open_queue
from fogbank.queue.door.limits import DoorLimits
from fogbank.queue.door.nodes import node_of
from fogbank.queue.door.tenancy import Senders
from fogbank.queue.subjects import USAGE_STREAM, node_of_subject
from fogbank.runtime.auth import Caller, CallerKind
from fogbank.runtime.embedded import NatsServer
from fogbank.runtime.http.app import create_app
from fogbank.runtime.problems import Problem

EVENTS = "/api/v1/events"
NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
CALLERS = {
    "ann": Caller("user_ann", CallerKind.USER, {"org_789012": "member", "org_seen": "viewer", "org_paid": "billing"}),
    "bob": Caller("user_bob", CallerKind.USER),
    "reader": Caller("user_ann", CallerKind.USER, {"org_789012": "owner"}, scopes=frozenset({"usage:read"})),
    "writer": Caller("user_wim", CallerKind.USER, {"org_789012": "owner"}, scopes=frozenset({"usage:write"})),
    "root": Caller("user_root", CallerKind.USER, is_administrator=True),
    "importer": Caller("importer", CallerKind.SERVICE),
}


def event(instance_id: str = "instance_abcdef", **changes: Any) -> dict[str, Any]:
    """The published example of a usage event, changed."""
    return {**USAGE_EXAMPLE, "instance_id": instance_id, **changes}


def lines(*events: Mapping[str, Any]) -> bytes:
    """Events as NDJSON."""
    return b"\n".join(map(msgspec.json.encode, events))


class CallersByName:
    """Believes whoever names one of the callers above."""

    async def authenticate(self, headers: Mapping[str, str]) -> Caller:
        caller = CALLERS.get(headers.get("authorization", "").removeprefix("Bearer "))
        if caller is None:
            raise Problem(401, "not-signed-in", "Say who you are.")
        return caller


@dataclass(slots=True)
class SetMonotonic:
    """Shows what it is set to, in seconds."""

    seconds: float = 1000.0

    def __call__(self) -> float:
        return self.seconds


@dataclass(slots=True)
class DoorWorld:
    """What tests touch."""

    http: httpx.AsyncClient
    app: FastAPI
    queue: QueueClient
    nats: NatsServer
    monotonic: SetMonotonic = field(default_factory=SetMonotonic)

    async def send(
        self, body: bytes | str, content_type: str = "application/json", caller: str = "ann", **headers: str
    ) -> httpx.Response:
        """Post a body; `headers` are written with underscores for dashes."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.http.post(
            EVENTS, content=body, headers={"authorization": f"Bearer {caller}", "content-type": content_type, **sent}
        )

    async def messages(self) -> int:
        """How many messages the stream of readings holds."""
        return (await self.queue.connection.jetstream().stream_info(USAGE_STREAM)).state.messages

    async def last_of(self, caller: str) -> MessageEvents:
        """The events of the last message, which is that caller's, as usage will read them."""
        raw = await self.last_message()
        assert node_of_subject(raw.subject or "") == (raw.headers or {})["Fogbank-Node"] == node_of(CALLERS[caller].id)
        return read_events(raw.data or b"", raw.headers or {}, microseconds_of(NOW))

    async def last_message(self) -> RawStreamMsg:
        """The last message of the stream of readings."""
        jetstream = self.queue.connection.jetstream()
        return await jetstream.get_msg(USAGE_STREAM, (await jetstream.stream_info(USAGE_STREAM)).state.last_seq)


@asynccontextmanager
async def opened_door(
    nats: NatsServer, limits: DoorLimits | None = None, open_to: Senders = Senders.EVERYONE
) -> AsyncIterator[DoorWorld]:
    """The door on this queue, whose stream of readings is a new one."""
    monotonic = SetMonotonic()
    async with (
        QueueClient.open(nats.url, user=nats.user, password=nats.password) as queue,
        open_queue(queue, clock=lambda: NOW, limits=limits, open_to=open_to, monotonic=monotonic) as component,
    ):
        await queue.ensure_streams()
        # Made anew and not only emptied: a stream remembers for minutes which message ids it has seen.
        await queue.connection.jetstream().delete_stream(USAGE_STREAM)
        await queue.ensure_streams()
        app = create_app(title="queue", components=[component], authenticator=CallersByName(), clock=lambda: NOW)
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://door") as http:
            yield DoorWorld(http, app, queue, nats, monotonic)


@pytest_asyncio.fixture
async def door(nats: NatsServer) -> AsyncIterator[DoorWorld]:
    """The door, so generous that only its own limits of one body are met."""
    limits = DoorLimits(requests_per_second=1_000_000, events_per_second=100_000_000, bytes_per_second=1_000_000_000)
    async with opened_door(nats, limits) as world:
        yield world
