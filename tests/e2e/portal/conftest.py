"""A portal in a real browser: the real pages over a stand-in for the other components, which answers their views.

The stand-in is a year of a small invented fleet. It stands at the HTTP boundary: the portal's real clients speak to it,
and it answers what those clients decode.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import msgspec
import pytest
import pytest_asyncio
import uvicorn
from fastapi import FastAPI, Request, Response
from playwright.async_api import Browser, Page, expect

from fogbank.accounts.client import AccountsClient
from fogbank.accounts.ledger.client import LedgerClient
from fogbank.billing.client import BillingClient
from fogbank.compute.client import ComputeClient, CurrentMetrics
from fogbank.kernel.meters import Meter
from fogbank.kernel.money import credits_from_micros
from fogbank.kernel.periods import month_of
from fogbank.portal.component import open_portal
from fogbank.runtime.auth import Caller
from fogbank.runtime.client import ServiceHttp
from fogbank.runtime.http.app import create_app
from fogbank.runtime.http.serve import base_url
from fogbank.runtime.ports import bound_socket
from fogbank.runtime.problems import Problem
from fogbank.usage.client import UsageClient

NOW = datetime(2026, 11, 25, 14, 12, 30, tzinfo=UTC)
ORG, OTHER_ORG, USER = "org_acme", "org_fjord", "user_mira"
EMAIL, PASSWORD, LINK = "mira@acme.example", "correct horse", "link-once"
FLEET: Mapping[str, Mapping[Meter, int]] = {
    "gpu-h100-a": {Meter.GPU_SECONDS: 46_000, Meter.CPU_SECONDS: 4_100, Meter.MEMORY_GB_SECONDS: 3_300},
    "api-prod-1": {Meter.CPU_SECONDS: 14_800, Meter.MEMORY_GB_SECONDS: 5_200, Meter.NETWORK_EGRESS_MB: 1_700},
    "edge-egress": {Meter.NETWORK_EGRESS_MB: 7_400, Meter.CPU_SECONDS: 3_200, Meter.MEMORY_GB_SECONDS: 1_300},
    "vol-data-01": {Meter.STORAGE_GB_SECONDS: 11_600, Meter.CPU_SECONDS: 700},
    "pg-primary": {Meter.CPU_SECONDS: 6_100, Meter.MEMORY_GB_SECONDS: 6_800, Meter.STORAGE_GB_SECONDS: 2_700},
    "batch-etl": {Meter.CPU_SECONDS: 5_400, Meter.MEMORY_GB_SECONDS: 1_100},
    "gpu-l40s-dev": {Meter.GPU_SECONDS: 4_200, Meter.CPU_SECONDS: 900},
    "api-prod-2": {Meter.CPU_SECONDS: 3_100, Meter.MEMORY_GB_SECONDS: 1_600},
}
"""What each instance costs a day, in thousandths of a credit, by meter."""

expect.set_options(timeout=20_000)  # a busy machine is not a broken page

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


@dataclass
class World:
    """What the stand-in answers; tests change it."""

    now: datetime = NOW
    balance: str = "1204.60"
    per_hour: str = "5.12"
    runway_seconds: int | None = 9 * 86_400
    is_new: bool = False
    is_reporting: bool = True
    is_link_used: bool = False
    has_session: bool = True
    broken: set[str] = field(default_factory=set)
    refusal: Problem | None = None
    asked: list[str] = field(default_factory=list)
    expected_in_console: str = "(nothing)"

    def cost(self, name: str, meter: Meter, start: datetime, length: timedelta) -> int:
        """Micro-credits within an hour or a day: a plausible rhythm, and the GPU's three expensive days."""
        if self.is_new or start >= self.now or (name == "gpu-l40s-dev" and start.month % 2):
            return 0
        until = min(start + length, self.now)
        part = (until - start) / DAY
        seed = sum(map(ord, f"{name}{meter}{start.date()}")) * 7919 % 1000
        weekday = 0.86 if start.weekday() >= 5 else 1.0
        burst = 1.75 if meter is Meter.GPU_SECONDS and (start.month, start.day) in {(11, 11), (11, 12), (11, 13)} else 1
        hourly = 1.0 + 0.25 * ((start.hour - 14) % 24 < 8) if length == HOUR else 1.0
        return round(FLEET[name][meter] * 1000 * part * weekday * burst * hourly * (0.86 + seed / 4000))

    def costs(self, start: datetime, end: datetime, interval: str, by: str, timezone: ZoneInfo) -> list[dict[str, Any]]:
        """Rows as billing gives them."""
        found: dict[tuple[datetime, datetime, str], int] = defaultdict(int)
        for at, until in intervals(start, min(end, self.now), interval, timezone):
            for name, meters in FLEET.items():
                for meter in meters:
                    key = meter.value if by == "meter" else f"i-{name}"
                    found[at, until, key] += self._sum(name, meter, at, until)
        return [
            {"start": at, "end": until, "key": key, "label": _label(key), "cost": credits_from_micros(micros)}
            for (at, until, key), micros in found.items()
            if micros
        ]

    def _sum(self, name: str, meter: Meter, at: datetime, until: datetime) -> int:
        if until - at <= HOUR:
            return self.cost(name, meter, at, until - at)
        days = (until - at + DAY / 2) // DAY
        return sum(self.cost(name, meter, (at + DAY * day).astimezone(UTC), DAY) for day in range(days))


def intervals(start: datetime, end: datetime, interval: str, timezone: ZoneInfo) -> list[tuple[datetime, datetime]]:
    """`[start, end)` cut at whole hours, days or months of `timezone`."""
    local = start.astimezone(timezone)
    at = local.replace(minute=0, second=0, microsecond=0)
    at = at if interval == "hour" else at.replace(hour=0)
    at = at.replace(day=1) if interval == "month" else at
    cut = []
    while at.astimezone(UTC) < end:
        if interval == "hour":
            following = (at.astimezone(UTC) + HOUR).astimezone(timezone)
        else:
            following = at + DAY if interval == "day" else (at + 32 * DAY).replace(day=1)
        cut.append((at.astimezone(UTC), following.astimezone(UTC)))
        at = following
    return cut


def _label(key: str) -> str:
    return Meter(key).label if key in set(Meter) else key.removeprefix("i-")


Answer = Callable[[Request], object]


def stand_in(world: World) -> FastAPI:
    """Answers for accounts, ledger, billing, usage and compute, as `world` says."""
    app = FastAPI()

    def route(path: str, component: str, answer: Answer, method: str = "GET") -> None:
        async def respond(request: Request) -> Response:
            body = await request.body()
            request.state.body = msgspec.json.decode(body) if body else {}
            world.asked.append(request.url.path)
            try:
                content = msgspec.json.encode(_away(component) if component in world.broken else answer(request))
                return Response(content, media_type="application/json")
            except Problem as problem:
                document = msgspec.json.encode(problem.document(""))
                return Response(document, problem.status, problem.headers, "application/problem+json")

        app.add_api_route(path, respond, methods=[method])

    _identity(route, world)
    _money(route, world)
    _machines(route, world)
    return app


def _away(component: str) -> object:
    raise Problem(503, "service-unavailable", f"{component} is away.")


def _identity(route: Callable[..., None], world: World) -> None:
    session = {"session_token": "session-1", "user_id": USER, "expires_at": world.now + 30 * DAY}
    bearer = {"access_token": "jwt", "expires_at": world.now + timedelta(minutes=5), "token_type": "Bearer"}

    def sign_in(request: Request) -> object:
        if world.refusal:
            raise world.refusal
        if request.state.body["password"] != PASSWORD:
            raise Problem(401, "wrong-password", "No.")
        return session

    def link(request: Request) -> object:
        if request.state.body["token"] != LINK or world.is_link_used:
            raise Problem(401, "link-used", "No.")
        world.is_link_used = True
        return session

    def token(request: Request) -> object:
        if request.state.body["session_token"] != "session-1" or not world.has_session:
            raise Problem(401, "session-ended", "No.")
        return bearer

    me = {"id": USER, "email": EMAIL, "name": "Mira Lindqvist", "status": "active", "is_administrator": False}
    me |= {"created_at": NOW - 400 * DAY, "organizations": {ORG: "owner", OTHER_ORG: "viewer"}}
    names = {ORG: "Acme Robotics", OTHER_ORG: "Fjord Analytics", USER: "Mira Lindqvist"}
    route("/api/v1/auth/sessions", "accounts", sign_in, "POST")
    route("/api/v1/auth/sessions:link", "accounts", link, "POST")
    route("/api/v1/auth/sessions/current", "accounts", lambda _: None, "DELETE")
    route("/api/v1/auth/token", "accounts", token, "POST")
    route("/api/v1/users/me", "accounts", lambda _: me)
    account = {"kind": "organization", "status": "active", "created_at": NOW}
    route("/api/v1/accounts/{id}", "accounts", lambda r: account | {"id": _id(r), "name": names[_id(r)]})
    route("/api/v1/instances", "accounts", lambda r: {"instances": _registered(world, r), "next_cursor": None})


def _registered(world: World, request: Request) -> list[dict[str, Any]]:
    account = request.query_params["account_id"]
    owner = {"account_id": account, "user_id": USER, "org_id": account, "created_at": NOW}
    names = [] if world.is_new or account != ORG else FLEET
    return [{"id": f"i-{name}", "name": name, **owner} for name in names]


def _id(request: Request) -> str:
    return str(request.path_params["id"])


def _money(route: Callable[..., None], world: World) -> None:
    def balance(request: Request) -> object:
        amounts = {"balance": world.balance, "available": world.balance, "held": "0.00", "floor": "0.00"}
        return {"account_id": _id(request), "currency": "EUR", **amounts, "arrears": "0.00", "grants": []}

    def history(_: Request) -> object:
        levels = [2000 - 38 * (day % 17) for day in range(30)]
        days = [{"day": world.now - DAY * (29 - day), "balance": f"{level}.00"} for day, level in enumerate(levels)]
        return {"account_id": ORG, "currency": "EUR", "days": days}

    def spend(request: Request) -> object:
        return _spend(world, _id(request))

    def costs(request: Request) -> object:
        asked = request.query_params
        zone = ZoneInfo(asked["timezone"])
        start, end = datetime.fromisoformat(asked["from"]), datetime.fromisoformat(asked["to"])
        is_ours = _id(request) == ORG
        rows = world.costs(start, end, asked["interval"], asked["group_by"], zone) if is_ours else []
        facts = {"currency": "EUR", "interval": asked["interval"], "group_by": asked["group_by"], "timezone": zone.key}
        return {"account_id": _id(request), **facts, "total": "0.00", "rows": rows, "complete_until": world.now}

    route("/api/v1/accounts/{id}/balance", "ledger", balance)
    route("/api/v1/accounts/{id}/balance/history", "ledger", history)
    route("/api/v1/billing/accounts/{id}/spend", "billing", spend)
    route("/api/v1/billing/accounts/{id}/costs", "billing", costs)


def _spend(world: World, account_id: str) -> dict[str, Any]:
    month = month_of(world.now)
    rows = [] if account_id != ORG else world.costs(month.start_at, world.now, "day", "meter", ZoneInfo("UTC"))
    month_to_date = sum(round(float(row["cost"]) * 1e6) for row in rows)
    runway = world.runway_seconds if month_to_date else None
    return {
        "account_id": account_id,
        "currency": "EUR",
        "as_of": world.now,
        "month_start": month.start_at,
        "month_end": month.end_at,
        "month_to_date": credits_from_micros(month_to_date),
        "per_hour": world.per_hour if month_to_date else "0.00",
        "forecast_month": credits_from_micros(month_to_date * 122 // 100),
        "available": world.balance,
        "runway_seconds": runway,
        "runs_out_at": None if runway is None else world.now + timedelta(seconds=runway),
        "state": "ok",
        "previous_month_to_date": credits_from_micros(month_to_date * 89 // 100) if month_to_date else None,
        "per_hour_yesterday": "5.28" if month_to_date else None,
        "by_meter": [],
    }


def _machines(route: Callable[..., None], world: World) -> None:
    def current(request: Request) -> object:
        is_there = _id(request) == ORG and world.is_reporting and not (world.is_new and not world.per_hour)
        names = list(FLEET) if is_there and not world.is_new else []
        end = world.now.replace(second=30)
        zeros = dict.fromkeys((each.name for each in fields(CurrentMetrics)), 0.0)
        instances = [
            {
                "instance_id": f"i-{name}",
                "user_id": USER,
                "org_id": ORG,
                "metrics": zeros,
                "period": {"start": end - timedelta(seconds=30), "end": end},
                "per_second": {},
                "age_seconds": 4.0,
                "is_stale": name == "batch-etl",
            }
            for name in names
            if name != "gpu-l40s-dev"
        ]
        totals = {"instances": len(instances), "stale_instances": 1, "per_second": {}}
        return {"id": _id(request), "at": world.now, "totals": totals, "instances": instances, "next_after": None}

    def history(request: Request) -> object:
        start = month_of(world.now).start_at
        seconds = {name: 86_400 * 24 - sum(map(ord, name)) * 613 for name in FLEET}
        rows = [
            {"start": start, "end": world.now, "group": {"instance": f"i-{name}"}, "averages": {}, "events": 1}
            | {"quantities": {"instance_seconds": str(seconds[name])}}
            for name in FLEET
            if not world.is_new and _id(request) == ORG
        ]
        return {"rows": rows, "complete_until": world.now, "next_cursor": None}

    route("/api/v1/usage/activity", "compute", lambda _: {"events_per_second": 0.2667, "window_seconds": 60})
    route("/api/v1/usage/{kind}/{id}/current", "compute", current)
    route("/api/v1/usage/{kind}/{id}/history", "usage", history)


class _Nobody:
    async def authenticate(self, headers: Mapping[str, str]) -> Caller:
        raise Problem(401, "unauthenticated", f"The portal asks with sessions, not with {len(headers)} headers.")


@asynccontextmanager
async def running_portal(world: World) -> AsyncIterator[tuple[str, asyncio.Event]]:
    """The portal over a stand-in of `world`, served on loopback; gives its URL, and the event that stops it."""
    http = httpx.AsyncClient(transport=httpx.ASGITransport(stand_in(world)), base_url="http://stand-in")
    service = ServiceHttp(http)

    def clock() -> datetime:
        return world.now

    async with (
        http,
        open_portal(
            accounts=AccountsClient(service),
            ledger=LedgerClient(service),
            usage=UsageClient(service),
            billing=BillingClient(service),
            compute=ComputeClient(service),
            clock=clock,
            currency="EUR",
        ) as component,
    ):
        app = create_app(title="Portal", components=[component], authenticator=_Nobody(), clock=clock)
        async with _served(app) as url:
            yield url, app.state.stopping


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.is_up = asyncio.Event()

    async def startup(self, sockets: Any = None) -> None:
        await super().startup(sockets)
        self.is_up.set()


@asynccontextmanager
async def _served(app: FastAPI) -> AsyncIterator[str]:
    listener = bound_socket("127.0.0.1", 0)
    server = _Server(uvicorn.Config(app, log_config=None, timeout_graceful_shutdown=2))
    # As runtime.http.serve does, but without signal handlers, which belong to pytest.
    serving = asyncio.create_task(server._serve(sockets=[listener]))
    await server.is_up.wait()
    try:
        yield base_url(listener)
    finally:
        app.state.stopping.set()
        server.should_exit = True
        await serving


@pytest.fixture
def world() -> World:
    return World()


@pytest_asyncio.fixture
async def running(world: World) -> AsyncIterator[tuple[str, asyncio.Event]]:
    async with running_portal(world) as running:
        yield running


@pytest.fixture
def portal(running: tuple[str, asyncio.Event]) -> str:
    """The portal's URL."""
    return running[0]


@pytest.fixture
def stop_portal(running: tuple[str, asyncio.Event]) -> Callable[[], None]:
    """Tells the portal's process to stop, as a signal does."""
    return running[1].set


Open = Callable[..., Awaitable[Page]]


@pytest_asyncio.fixture
async def open_page(browser: Browser, portal: str, world: World) -> AsyncIterator[Open]:
    """Opens a page, signed in, at a width and in a theme; at the end nothing may have gone wrong in the browser."""
    wrong: list[str] = []
    contexts = []

    async def opened(path: str = "/usage", *, width: int = 1440, theme: str = "light", signed_in: bool = True) -> Page:
        context = await browser.new_context(
            base_url=portal,
            viewport={"width": width, "height": 900},
            color_scheme="dark" if theme == "dark" else "light",
            timezone_id="UTC",
            locale="en-GB",
        )
        contexts.append(context)
        cookie = {"name": "fogbank", "value": "session-1", "url": portal}
        await context.add_cookies([cookie] if signed_in else [])  # type: ignore[list-item]
        page = await context.new_page()
        page.on("console", lambda message: wrong.append(message.text) if message.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        await page.goto(path)
        return page

    yield opened
    for context in contexts:
        await context.close()
    assert [text for text in wrong if world.expected_in_console not in text] == []
