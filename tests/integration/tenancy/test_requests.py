"""Whose rows a request sees, from its first byte to its last: streamed, called in memory, cut, or left behind."""

import asyncio
from collections.abc import AsyncIterator, Mapping

import httpx
import pytest
import pytest_asyncio
from fastapi import APIRouter
from starlette.responses import StreamingResponse

from fogbank.runtime.auth import Caller, CallerKind
from fogbank.runtime.client import ServiceHttp
from fogbank.runtime.clock import now_utc
from fogbank.runtime.component import Component, Health
from fogbank.runtime.database import Database
from fogbank.runtime.http.app import create_app
from fogbank.runtime.http.caller import CurrentCaller
from fogbank.runtime.http.in_memory import InMemoryTransport, in_memory_http
from fogbank.runtime.problems import Problem
from fogbank.runtime.tenancy import present_tenancy, seeing_every_tenant

CALLERS = {
    "ann": Caller("user_ann", CallerKind.USER, {"org_fog": "owner"}),
    "bob": Caller("user_bob", CallerKind.USER),
    "root": Caller("user_root", CallerKind.USER, is_administrator=True),
    "billing": Caller("billing", CallerKind.SERVICE),
}
WHO = "SELECT concat_ws(' ', current_user, nullif(current_setting('fogbank.person', true), ''))"


class Badges:
    """Believes whoever names one of the callers above."""

    async def authenticate(self, headers: Mapping[str, str]) -> Caller:
        caller = CALLERS.get(headers.get("authorization", "").removeprefix("Bearer "))
        if caller is None:
            raise Problem(401, "not-authenticated", "Say who you are.")
        return caller


async def who(database: Database) -> str:
    async with database.connection() as connection:
        row = await (await connection.execute(WHO)).fetchone()
    assert row is not None
    return str(row[0])


def routes(database: Database, http: httpx.AsyncClient, left: list[asyncio.Task[str]]) -> APIRouter:
    router = APIRouter()

    @router.get("/who")
    async def read_who(_caller: CurrentCaller) -> list[str]:
        return [await who(database)]

    @router.get("/between")
    async def read_between(_caller: CurrentCaller) -> list[str]:
        """Before, within and after a call of another component as a service, and as somebody else."""
        before = await who(database)
        within = [await ServiceHttp(http).as_caller(each).get("/who", as_=list[str]) for each in ("billing", "bob")]
        with pytest.raises(Problem):
            await ServiceHttp(http).get("/who", as_=list[str])
        return [before, *(each for told in within for each in told), await who(database)]

    @router.get("/streamed")
    async def read_streamed(_caller: CurrentCaller) -> StreamingResponse:
        async def lines() -> AsyncIterator[str]:
            for _ in range(3):
                yield f"{await who(database)}\n"

        return StreamingResponse(lines())

    @router.get("/left")
    async def leave(_caller: CurrentCaller) -> None:
        """Begin something that outlives the request."""
        left.append(asyncio.create_task(who(database)))
        with seeing_every_tenant():
            left.append(asyncio.create_task(who(database)))

    return router


@pytest.fixture
def left() -> list[asyncio.Task[str]]:
    """What requests leave behind."""
    return []


@pytest_asyncio.fixture
async def http(database: Database, left: list[asyncio.Task[str]]) -> AsyncIterator[httpx.AsyncClient]:
    transport = InMemoryTransport()
    async with in_memory_http(transport) as http:
        component = Component("c", Health(now_utc), routers=[routes(database, http, left)])
        transport.connect(create_app(title="T", components=[component], authenticator=Badges(), clock=now_utc))
        yield http


async def told(http: httpx.AsyncClient, path: str, caller: str) -> httpx.Response:
    answer = await http.get(path, headers={"authorization": f"Bearer {caller}"})
    assert answer.status_code == 200
    return answer


@pytest.mark.parametrize(
    ("caller", "expected"),
    [
        ("ann", "fogbank_tenant user_ann"),
        ("bob", "fogbank_tenant user_bob"),
        ("root", "fogbank_system"),
        ("billing", "fogbank_system"),
    ],
)
async def test_a_request_is_its_callers(http: httpx.AsyncClient, caller: str, expected: str) -> None:
    assert (await told(http, "/who", caller)).json() == [expected]
    assert present_tenancy() is None, "who called it in memory is what they were"


async def test_a_call_in_memory_widens_and_narrows_nobody(http: httpx.AsyncClient) -> None:
    ann, bob = "fogbank_tenant user_ann", "fogbank_tenant user_bob"
    assert (await told(http, "/between", "ann")).json() == [ann, "fogbank_system", bob, ann]
    assert (await told(http, "/between", "root")).json() == ["fogbank_system", "fogbank_system", bob, "fogbank_system"]


async def test_a_streamed_answer_is_its_callers_to_the_end(http: httpx.AsyncClient) -> None:
    assert (await told(http, "/streamed", "ann")).text.splitlines() == ["fogbank_tenant user_ann"] * 3


async def test_many_at_once_are_each_their_own(http: httpx.AsyncClient) -> None:
    callers = ["ann", "bob", "root"] * 10
    answers = await asyncio.gather(*(told(http, "/who", caller) for caller in callers))
    expected = ["fogbank_tenant user_ann", "fogbank_tenant user_bob", "fogbank_system"] * 10
    assert [answer.json() for answer in answers] == [[each] for each in expected]


async def test_what_a_request_leaves_behind_sees_no_more_than_it_unless_it_says_so(
    http: httpx.AsyncClient, left: list[asyncio.Task[str]]
) -> None:
    await told(http, "/left", "ann")
    assert [await task for task in left] == ["fogbank_tenant user_ann", "fogbank_system"]
