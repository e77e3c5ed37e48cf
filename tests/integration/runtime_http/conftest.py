"""The world of the HTTP app: one small component with a route for everything that can happen to a request."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx
import psycopg
import pytest
import structlog
from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from fogbank.runtime.auth import Caller, CallerKind
from fogbank.runtime.component import Component, Health
from fogbank.runtime.http.app import create_app
from fogbank.runtime.http.caller import CurrentCaller, ServiceCaller
from fogbank.runtime.http.gateway import Gateway
from fogbank.runtime.http.problems import problem_responses
from fogbank.runtime.http.serve import serve, stopping
from fogbank.runtime.problems import Problem
from fogbank.runtime.request_id import request_id

CALLERS = {
    "Bearer ada": Caller("ada", CallerKind.USER),
    "Bearer adas-key": Caller("ada", CallerKind.USER, scopes=frozenset({"things:write"}), key_id="key_1"),
    "Bearer billing": Caller("billing", CallerKind.SERVICE),
}


def now() -> datetime:
    return datetime(2026, 11, 25, 12, tzinfo=UTC)


class NamedCallers:
    """Believes whoever says a known name."""

    async def authenticate(self, headers: Mapping[str, str]) -> Caller:
        caller = CALLERS.get(headers.get("authorization", ""))
        if caller is None:
            raise Problem(401, "not-signed-in", "Say who you are.")
        return caller


class Order(BaseModel):
    amount: int = Field(gt=0)


@dataclass(frozen=True)
class EchoView:
    """What a request looked like from inside."""

    request_id: str
    headers: dict[str, str]
    query: str
    body: str


routes = APIRouter(prefix="/api/v1/things", tags=["things"])
streaming = asyncio.Event()


@routes.get("/{thing_id}", responses=problem_responses(401))
async def read_thing(thing_id: int, caller: CurrentCaller) -> dict[str, str]:
    return {"id": str(thing_id), "caller": caller.id}


@routes.get("/{thing_id}/secret")
async def read_secret(thing_id: int, _service: ServiceCaller) -> dict[str, str]:
    return {"id": str(thing_id)}


@routes.post("")
async def order(body: Order) -> dict[str, int]:
    return {"amount": body.amount}


@routes.post("/large")
async def take_large(request: Request) -> dict[str, int]:
    return {"bytes": len(await request.body())}


@routes.get("/broken/always")
async def fail() -> None:
    raise RuntimeError("the password is hunter2")


@routes.get("/broken/database")
async def lose_database() -> None:
    raise psycopg.OperationalError("server closed the connection, user=fogbank")


@routes.get("/taken/always")
async def refuse() -> None:
    raise Problem(409, "taken", "Somebody was first.", extra={"by": "bob"}, headers={"retry-after": "3"})


@routes.get("/echo/{name}")
@routes.post("/echo/{name}", include_in_schema=False)
async def echo(name: str, request: Request) -> EchoView:
    body = (await request.body()).decode()
    return EchoView(request_id(), dict(request.headers), request.url.query, f"{name}:{body}")


@routes.get("/stream/ticks")
async def stream(request: Request) -> StreamingResponse:
    async def ticks() -> AsyncIterator[bytes]:
        yield b"data: first\n\n"
        streaming.set()
        await stopping(request).wait()
        yield b"data: bye\n\n"

    return StreamingResponse(ticks(), media_type="text/event-stream")


def component(health: Health | None = None) -> Component:
    large = {"/api/v1/things/large": 3 * 1024 * 1024}
    return Component("things", health or Health(now), routers=[routes], large_bodies=large)


@pytest.fixture(autouse=True)
def _plain_logs() -> Iterator[None]:
    """No pictures of tracebacks: they cost seconds."""
    structlog.configure(processors=[structlog.processors.KeyValueRenderer()])
    yield
    structlog.reset_defaults()


@asynccontextmanager
async def app_client(
    gateway: Gateway | None = None, health: Health | None = None, *, has_things: bool = True
) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the app, in memory; without things it only forwards."""
    components = [component(health)] if has_things else []
    app = create_app(title="Things", components=components, authenticator=NamedCallers(), clock=now, gateway=gateway)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://things") as client:
        yield client


@asynccontextmanager
async def served() -> AsyncIterator[str]:
    """The app on a real socket, in this loop; yields its URL, and stops it as a signal does."""
    ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    app = create_app(title="Things", components=[component()], authenticator=NamedCallers(), clock=now)
    serving = asyncio.create_task(serve(app, on_ready=ready.set_result))
    try:
        yield await ready
    finally:
        app.state.stopping.set()
        await serving
