"""The guards' promises: who asks too often is told when to come back, what takes too long is cut, browsers are told."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from ipaddress import ip_network

import httpx
import pytest
from fastapi import APIRouter, Request
from tests.integration.runtime_http.conftest import NamedCallers, component, now, served

from fogbank.runtime.component import Component, Health
from fogbank.runtime.http import protocol
from fogbank.runtime.http.app import create_app
from fogbank.runtime.http.caller import CurrentCaller
from fogbank.runtime.http.guards import Guards, Rates
from fogbank.runtime.origin import present_origin

ADA = {"authorization": "Bearer ada"}
GATE = asyncio.Event()
SERVICE = {"authorization": "Bearer billing"}


def slow_routes() -> APIRouter:
    router = APIRouter(prefix="/api/v1/slow")

    @router.get("/never")
    async def never() -> None:
        await asyncio.Event().wait()

    @router.get("/gate")
    async def gate(_caller: CurrentCaller) -> None:
        await GATE.wait()

    @router.post("/body")
    async def take(request: Request) -> int:
        return len(await request.body())

    @router.get("/origin")
    async def origin(request: Request) -> dict[str, str]:
        return {"address": present_origin().address, "agent": present_origin().agent, "scheme": request.url.scheme}

    return router


def webhook_routes() -> APIRouter:
    router = APIRouter()

    @router.post("/api/v1/webhooks/{webhook_id}/test")
    async def test(webhook_id: str, _caller: CurrentCaller) -> str:
        return webhook_id

    return router


@asynccontextmanager
async def guarded(guards: Guards, client: str = "192.0.2.1") -> AsyncIterator[httpx.AsyncClient]:
    slow = Component("slow", Health(now), routers=[slow_routes(), webhook_routes()])
    app = create_app(
        title="Things", components=[component(), slow], authenticator=NamedCallers(), clock=now, guards=guards
    )
    transport = httpx.ASGITransport(app, raise_app_exceptions=False, client=(client, 123))
    async with httpx.AsyncClient(transport=transport, base_url="http://things") as http:
        yield http


async def test_a_stranger_who_asks_too_often_gets_429_with_the_standard_headers() -> None:
    async with guarded(Guards(rates=Rates(address=3))) as http:
        answers = [await http.get("/api/v1/slow/origin") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[0].headers["ratelimit-policy"] == '"address";q=3;w=60'
    assert answers[0].headers["ratelimit"].startswith('"address";r=2;t=')
    assert answers[3].json()["type"] == "urn:fogbank:problem:too-many-requests"
    assert int(answers[3].headers["retry-after"]) >= 1
    assert answers[3].headers["x-content-type-options"] == "nosniff"


async def test_a_caller_is_counted_by_who_they_are_and_services_are_not() -> None:
    async with guarded(Guards(rates=Rates(address=1, caller=2))) as http:
        own = [(await http.get("/api/v1/things/1", headers=ADA)).status_code for _ in range(3)]
        served = [(await http.get("/api/v1/things/1/secret", headers=SERVICE)).status_code for _ in range(9)]
    assert own == [200, 200, 429]
    assert set(served) == {200}


async def test_credentials_that_nobody_knows_are_counted_by_address_and_lock_nobody_else_out() -> None:
    wrong = {"authorization": "Bearer nobody"}
    async with guarded(Guards(rates=Rates(address=2))) as http:
        statuses = [(await http.get("/api/v1/things/1", headers=wrong)).status_code for _ in range(3)]
        assert (await http.get("/api/v1/things/1", headers=ADA)).status_code == 200
    assert statuses == [401, 401, 429]


async def test_signing_in_is_counted_apart_and_tighter() -> None:
    async with guarded(Guards(rates=Rates(sign_in=1))) as http:
        statuses = [(await http.post("/api/v1/auth/sessions", json={})).status_code for _ in range(2)]
        assert (await http.get("/api/v1/slow/origin")).status_code == 200
    assert statuses == [404, 429]


@pytest.mark.parametrize("credential", ["Bearer nobody", "Basic YTpi", "Bearer ada"])
async def test_whoever_shows_some_credential_at_the_door_is_counted_all_the_same(credential: str) -> None:
    """The routes of signing in ask nobody who they are, so no route counts them."""
    async with guarded(Guards(rates=Rates(sign_in=2, address=2, caller=2))) as http:
        shown = {"authorization": credential}
        for path in ("/api/v1/auth/sessions", "/api/v1/auth/token"):
            statuses = [(await http.post(path, json={}, headers=shown)).status_code for _ in range(3)]
            assert statuses[-1] == 429
        served = [(await http.post("/api/v1/auth/sessions", json={}, headers=SERVICE)).status_code for _ in range(9)]
    assert set(served) == {404}


@pytest.mark.parametrize("credential", ["Bearer nobody", "Bearer ada"])
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/sign-in"),
        ("GET", "/usage"),
        ("DELETE", "/api/v1/auth/sessions/current"),
        ("GET", "/api/v1/auth/jwks.json"),
        ("GET", "/api/v1/openapi.json"),
        ("GET", "/api/v1/prices"),
        ("GET", "/api/v1/schemas/usage_event/1.0"),
    ],
)
async def test_credentials_beside_what_anybody_is_answered_count_too(credential: str, method: str, path: str) -> None:
    async with guarded(Guards(rates=Rates(sign_in=2, address=2, caller=2))) as http:
        asked = [await http.request(method, path, headers={"authorization": credential}) for _ in range(3)]
    assert 429 not in {asked[0].status_code, asked[1].status_code}
    assert asked[2].status_code == 429


async def test_what_makes_us_send_to_others_is_counted_tighter() -> None:
    async with guarded(Guards(rates=Rates(sending=2))) as http:
        asked = [await http.post("/api/v1/webhooks/webhook_1/test", headers=ADA) for _ in range(3)]
        assert (await http.get("/api/v1/things/1", headers=ADA)).status_code == 200
    assert [answer.status_code for answer in asked] == [200, 200, 429]
    assert asked[0].headers["ratelimit-policy"] == '"sending";q=2;w=60'


async def test_what_services_ask_takes_as_long_as_it_takes() -> None:
    async with guarded(Guards(request_seconds_max=0.05)) as http:
        waiting = asyncio.create_task(http.get("/api/v1/slow/gate", headers=SERVICE))
        cut = await http.get("/api/v1/slow/gate", headers=ADA)
        GATE.set()
        assert (cut.status_code, (await waiting).status_code) == (503, 200)


async def test_health_is_never_refused() -> None:
    async with guarded(Guards(rates=Rates(address=1))) as http:
        assert {(await http.get("/health")).status_code for _ in range(5)} == {200}


async def test_what_never_answers_is_cut_and_its_caller_told() -> None:
    async with guarded(Guards(request_seconds_max=0.05)) as http:
        answer = await http.get("/api/v1/slow/never")
    assert (answer.status_code, answer.json()["type"]) == (503, "urn:fogbank:problem:took-too-long")
    assert "retry-after" in answer.headers


async def test_a_body_that_does_not_come_is_cut_as_the_senders_fault() -> None:
    async def half() -> AsyncIterator[bytes]:
        yield b"half"
        await asyncio.Event().wait()

    async with guarded(Guards(request_seconds_max=0.05)) as http:
        answer = await http.post("/api/v1/slow/body", content=half())
    assert (answer.status_code, answer.json()["type"]) == (408, "urn:fogbank:problem:request-timeout")


async def test_the_address_is_the_clients_behind_a_trusted_proxy_and_the_proxys_behind_another() -> None:
    said = {"x-forwarded-for": "6.6.6.6, 203.0.113.7", "x-forwarded-proto": "https", "user-agent": "curl/8"}
    trusting = Guards(trusted_proxies=[ip_network("192.0.2.0/24")])
    async with guarded(trusting) as http:
        told = (await http.get("/api/v1/slow/origin", headers=said)).json()
    async with guarded(Guards()) as http:
        untold = (await http.get("/api/v1/slow/origin", headers=said)).json()
    assert told == {"address": "203.0.113.7", "agent": "curl/8", "scheme": "https"}
    assert untold == {"address": "192.0.2.1", "agent": "curl/8", "scheme": "http"}


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("x-frame-options", "DENY"),
        ("cross-origin-resource-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cache-control", "no-store"),
    ],
)
async def test_an_answer_to_credentials_is_kept_by_no_cache_and_framed_by_nobody(name: str, said: str) -> None:
    async with guarded(Guards()) as http:
        assert (await http.get("/api/v1/things/1", headers=ADA)).headers[name] == said


async def test_https_is_demanded_where_people_reach_us_by_it_and_only_there() -> None:
    async with guarded(Guards(public_url="https://fogbank.example")) as http:
        assert "max-age" in (await http.get("/health")).headers["strict-transport-security"]
    async with guarded(Guards(public_url="http://127.0.0.1:8080")) as http:
        answer = await http.get("/health")
        assert "strict-transport-security" not in answer.headers
        assert "cache-control" not in answer.headers


async def test_our_own_page_may_post_behind_a_proxy_that_hides_our_name_and_another_site_may_not() -> None:
    async with guarded(Guards(public_url="https://fogbank.example")) as http:
        own = await http.post("/api/v1/slow/body", headers={"origin": "https://fogbank.example", "cookie": "a=b"})
        other = await http.post("/api/v1/slow/body", headers={"origin": "https://evil.example", "cookie": "a=b"})
        sandboxed = await http.post("/api/v1/slow/body", headers={"origin": "null", "cookie": "a=b"})
    assert [own.status_code, other.status_code, sandboxed.status_code] == [200, 403, 403]


async def _answer_of(head: bytes) -> bytes:
    async with served() as url:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(url.rpartition(":")[2]))
        writer.write(head)
        try:
            return await reader.read()
        finally:
            writer.close()


async def test_a_head_that_is_too_large_is_refused_while_it_comes() -> None:
    many = b"".join(b"x-%d: %s\r\n" % (number, b"v" * 1000) for number in range(40))
    assert b"431" in (await _answer_of(b"GET /health HTTP/1.1\r\nhost: a\r\n" + many + b"\r\n")).splitlines()[0]
    assert b"431" in (await _answer_of(b"GET /health HTTP/1.1\r\nx-endless: " + b"v" * 40_000)).splitlines()[0]
    assert b"431" in (await _answer_of(b"GET /" + b"a" * 40_000)).splitlines()[0]


async def test_a_large_body_is_no_large_head() -> None:
    head = b"POST /api/v1/things/large HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: 200000\r\n\r\n"
    answer = await _answer_of(head + b"x" * 200_000)
    assert b"200 OK" in answer.splitlines()[0]
    assert b'{"bytes":200000}' in answer


async def test_a_head_that_does_not_end_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "HEAD_SECONDS_MAX", 0.05)
    assert await _answer_of(b"GET /health HTTP/1.1\r\nhost:") == b""
