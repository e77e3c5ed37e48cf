"""Idempotency keys' promises: under a key an act is done once, and answered as it was, whoever repeats it how often."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
import pytest_asyncio
from fastapi import APIRouter
from tests.integration.runtime_http.conftest import NamedCallers

from fogbank.runtime.component import Component, Health
from fogbank.runtime.database import Database
from fogbank.runtime.entropy import system_entropy
from fogbank.runtime.http.app import create_app
from fogbank.runtime.http.caller import CurrentCaller
from fogbank.runtime.http.guards import Guards, Rates
from fogbank.runtime.http.idempotency import Keeping
from fogbank.runtime.problems import Problem
from fogbank.runtime.sealing import SealingKeys
from fogbank.runtime.tenancy import seeing_every_tenant

MAKE = "INSERT INTO made (id) VALUES (gen_random_uuid()) RETURNING id::text"


@dataclass
class World:
    """An app with one route that makes a thing, and how that goes."""

    http: httpx.AsyncClient
    other: httpx.AsyncClient
    keeping: Keeping
    database: Database
    now: datetime
    broken: list[Exception]
    gate: asyncio.Event
    entered: asyncio.Event

    async def post(self, key: str, name: str = "a", path: str = "/api/v1/made", who: str = "ada") -> httpx.Response:
        headers = {"authorization": f"Bearer {who}", "idempotency-key": key}
        return await self.http.post(path, json={"name": name}, headers=headers)

    async def made(self) -> int:
        async with self.database.connection() as connection:
            [(count,)] = await (await connection.execute("SELECT count(*) FROM made")).fetchall()
        return int(count)


@dataclass
class Named:
    name: str


def routes(world: "list[World]") -> APIRouter:
    router = APIRouter(prefix="/api/v1/made")

    async def make() -> str:
        with seeing_every_tenant():
            async with world[0].database.transaction() as tx:
                [(made,)] = await (await tx.execute(MAKE)).fetchall()
                world[0].entered.set()
                await world[0].gate.wait()
        return str(made)

    @router.post("", status_code=201)
    async def create(body: Named, _caller: CurrentCaller) -> dict[str, str]:
        made = await make()
        if world[0].broken:
            raise world[0].broken.pop()
        return {"id": made, "name": body.name, "secret": "fb_live_shown_once"}

    @router.post("/refused")
    async def refuse(_caller: CurrentCaller) -> None:
        if world[0].broken:
            raise world[0].broken.pop()
        await make()

    return router


@pytest_asyncio.fixture
async def world(database: Database, tmp_path: Path) -> AsyncIterator[World]:
    async with _opened(database, tmp_path) as opened:
        yield opened


@asynccontextmanager
async def _opened(database: Database, secrets: Path) -> AsyncIterator[World]:
    async with database.connection() as connection:
        await connection.execute("RESET ROLE")
        await connection.execute("CREATE TABLE IF NOT EXISTS made (id uuid PRIMARY KEY)")
        await connection.execute("GRANT ALL ON made TO fogbank_system")
        await connection.execute("TRUNCATE made")
        await connection.execute("SET ROLE fogbank_system")
    worlds: list[World] = []
    keeping = Keeping(database, SealingKeys.of(secrets, system_entropy), lambda: worlds[0].now, system_entropy)
    clients = []
    for _ in range(2):
        component = Component("made", Health(keeping.clock), routers=[routes(worlds)])
        app = create_app(
            title="Made", components=[component], authenticator=NamedCallers(), clock=keeping.clock, keeping=keeping
        )
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        clients.append(httpx.AsyncClient(transport=transport, base_url="http://made"))
    gate = asyncio.Event()
    gate.set()
    now = datetime(2026, 11, 25, 12, tzinfo=UTC)
    worlds.append(World(clients[0], clients[1], keeping, database, now, [], gate, asyncio.Event()))
    async with clients[0], clients[1]:
        yield worlds[0]


def key() -> str:
    return str(uuid4())


async def test_a_repeat_is_answered_as_the_first_time_and_nothing_is_done_again(world: World) -> None:
    name = key()
    first, again = await world.post(name), await world.post(name)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    assert await world.made() == 1


async def test_a_key_with_fewer_powers_is_not_given_what_its_owner_was_answered(world: World) -> None:
    name = key()
    first, other = await world.post(name), await world.post(name, who="adas-key")
    assert "idempotency-replayed" not in other.headers
    assert first.json()["id"] != other.json()["id"]
    assert "idempotency-replayed" in (await world.post(name, who="adas-key")).headers


def counting(world: World, caller_max: int) -> httpx.AsyncClient:
    """Another process, which lets a caller ask so often in a minute."""
    component = Component("made", Health(world.keeping.clock), routers=[routes([world])])
    app = create_app(
        title="Made",
        components=[component],
        authenticator=NamedCallers(),
        clock=world.keeping.clock,
        keeping=world.keeping,
        guards=Guards(rates=Rates(caller=caller_max)),
    )
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://made")


async def test_answers_that_are_given_again_are_counted(world: World) -> None:
    headers = {"authorization": "Bearer ada", "idempotency-key": key()}
    async with counting(world, caller_max=3) as http:
        answers = [await http.post("/api/v1/made", json={"name": "a"}, headers=headers) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [201, 201, 201, 429]


async def test_who_waits_for_what_is_being_done_is_counted_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fogbank.runtime.http.idempotency.posts.WAIT_SECONDS", 0.25)
    headers = {"authorization": "Bearer ada", "idempotency-key": key()}
    world.gate.clear()
    async with counting(world, caller_max=3) as http:

        async def ask() -> httpx.Response:
            return await http.post("/api/v1/made", json={"name": "a"}, headers=headers)

        first = asyncio.create_task(ask())
        await world.entered.wait()
        early = [(await ask()).status_code for _ in range(3)]
        world.gate.set()
        assert (await first).status_code == 201
    assert early == [409, 409, 429]


async def test_without_a_key_or_under_another_it_is_another_act(world: World) -> None:
    headers = {"authorization": "Bearer ada"}
    for _ in range(2):
        await world.http.post("/api/v1/made", json={"name": "a"}, headers=headers)
    await world.post(key())
    assert await world.made() == 3


async def test_the_same_key_with_other_parameters_is_refused_and_of_another_caller_is_another_key(
    world: World,
) -> None:
    name = key()
    await world.post(name)
    other = await world.post(name, name="b")
    assert (other.status_code, other.json()["type"]) == (422, "urn:fogbank:problem:idempotency-key-reused")
    query = await world.post(name, path="/api/v1/made?dry=1")
    assert query.status_code == 422
    await world.post(name, who="billing")
    assert await world.made() == 2


async def test_two_at_once_make_one_thing_and_both_are_told_of_it(world: World) -> None:
    name = key()
    world.gate.clear()
    both = [asyncio.create_task(world.post(name)) for _ in range(5)]
    await world.entered.wait()
    world.gate.set()
    answers = await asyncio.gather(*both)
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert await world.made() == 1


async def test_two_processes_at_once_make_one_thing(world: World) -> None:
    name, headers = key(), {"authorization": "Bearer ada"}
    world.gate.clear()
    first = asyncio.create_task(world.post(name))
    await world.entered.wait()
    asked = {**headers, "idempotency-key": name}
    second = asyncio.create_task(world.other.post("/api/v1/made", json={"name": "a"}, headers=asked))
    await asyncio.sleep(0)
    world.gate.set()
    answers = await asyncio.gather(first, second)
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    assert await world.made() == 1


async def test_who_repeats_what_takes_long_is_told_to_come_back(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fogbank.runtime.http.idempotency.posts.WAIT_SECONDS", 0.05)
    name = key()
    world.gate.clear()
    first = asyncio.create_task(world.post(name))
    await world.entered.wait()
    early = await world.post(name)
    world.gate.set()
    assert (early.status_code, early.json()["type"]) == (409, "urn:fogbank:problem:request-in-progress")
    assert "retry-after" in early.headers
    assert (await first).status_code == 201


async def test_what_was_committed_before_we_failed_is_never_done_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fogbank.runtime.http.idempotency.posts.WAIT_SECONDS", 0.05)
    name = key()
    world.broken = [RuntimeError("the process dies")]
    assert (await world.post(name)).status_code == 500
    assert (await world.post(name)).json()["type"] == "urn:fogbank:problem:request-in-progress"
    world.now += timedelta(minutes=2)
    lost = await world.post(name)
    assert (lost.status_code, lost.json()["type"]) == (409, "urn:fogbank:problem:answer-lost")
    assert await world.made() == 1


async def test_what_a_service_asks_for_is_not_called_lost_while_it_may_still_be_done(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing cuts it, and another process may be at it."""
    monkeypatch.setattr("fogbank.runtime.http.idempotency.posts.WAIT_SECONDS", 0.05)
    name = key()
    world.broken = [RuntimeError("the process dies")]
    kinds = []
    for step in (timedelta(), timedelta(minutes=14), timedelta(minutes=1)):
        world.now += step
        kinds.append((await world.post(name, who="billing")).json()["type"].rpartition(":")[2])
    assert kinds == ["internal-error", "request-in-progress", "answer-lost"]


@pytest.mark.parametrize(("status", "kind"), [(403, "recent-proof-needed"), (422, "reason-needed")])
async def test_what_was_missing_beside_the_request_may_be_given_and_the_request_repeated(
    world: World, status: int, kind: str
) -> None:
    name = key()
    world.broken = [Problem(status, kind, "Give more.")]
    answers = [await world.post(name, path="/api/v1/made/refused") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [status, 200]


async def test_what_says_that_it_may_be_repeated_under_its_key_is_done_again(world: World) -> None:
    name = key()
    world.broken = [Problem(503, "ledger-unavailable", "Repeat it with the same id or key.")]
    assert [(await world.post(name)).status_code for _ in range(2)] == [503, 201]
    assert await world.made() == 2


async def test_a_decision_is_kept_and_what_is_about_the_moment_is_not(world: World) -> None:
    kept, passing = key(), key()
    world.broken = [Problem(409, "taken", "Somebody was first.")]
    for _ in range(2):
        assert (await world.post(kept, path="/api/v1/made/refused")).status_code == 409
    world.broken = [Problem(429, "too-many", "Later.")]
    assert (await world.post(passing, path="/api/v1/made/refused")).status_code == 429
    assert (await world.post(passing, path="/api/v1/made/refused")).status_code == 200
    assert await world.made() == 1


async def test_an_invalid_request_may_be_mended_under_the_same_key(world: World) -> None:
    name, headers = key(), {"authorization": "Bearer ada"}
    asked = {**headers, "idempotency-key": name}
    assert (await world.http.post("/api/v1/made", json={}, headers=asked)).status_code == 422
    assert (await world.post(name)).status_code == 201


@pytest.mark.parametrize("name", ["", "x" * 256, "é"])
async def test_a_key_that_is_none_is_refused(world: World, name: str) -> None:
    headers = {b"authorization": b"Bearer ada", b"idempotency-key": name.encode("latin-1")}
    answer = await world.http.post("/api/v1/made", json={"name": "a"}, headers=headers)
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:fogbank:problem:invalid-request")


async def test_no_credentials_are_told_so_by_the_route(world: World) -> None:
    assert (await world.post(key(), who="nobody")).status_code == 401


async def test_what_is_kept_cannot_be_read_in_the_database_and_goes_after_thirty_days(world: World) -> None:
    name = key()
    await world.post(name)
    async with world.database.connection() as connection:
        rows = await (await connection.execute("SELECT i::text FROM http.idempotency i")).fetchall()
    assert rows
    assert not any("fb_live_shown_once" in row or b"fb_live_shown_once".hex() in row for (row,) in rows)
    world.now += timedelta(days=29)
    await world.keeping.forget_old()
    assert (await world.post(name)).headers["idempotency-replayed"] == "true"
    world.now += timedelta(days=2)
    await world.keeping.forget_old()
    await world.post(name)
    assert await world.made() == 2


async def test_the_description_says_which_routes_take_a_key(world: World) -> None:
    document = (await world.http.get("/api/v1/openapi.json")).json()
    post = document["paths"]["/api/v1/made"]["post"]
    assert [each["name"] for each in post["parameters"]] == ["Idempotency-Key"]
    assert "409" in post["responses"]
