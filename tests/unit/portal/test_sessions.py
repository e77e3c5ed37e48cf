"""Sessions: one token for minutes, gone when it ends, in a cookie that keeps to itself."""

from datetime import UTC, datetime, timedelta

import httpx
import msgspec
import pytest
from fastapi import Request, Response

from fogbank.accounts.client import AccountsClient, SessionView
from fogbank.portal.sessions import NotSignedIn, Sessions, drop_session, remember_session
from fogbank.runtime.client import ServiceHttp
from fogbank.runtime.problems import Problem

START = datetime(2026, 11, 23, 9, tzinfo=UTC)


class Accounts:
    """Accounts at its HTTP boundary: one session, which may end; counts what it is asked."""

    def __init__(self) -> None:
        self.now = START
        self.has_ended = False
        self.tokens = 0

    def answer(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/auth/token"):
            if self.has_ended:
                problem = Problem(401, "session-ended", "It has ended.").document("")
                return httpx.Response(401, json=problem, headers={"content-type": "application/problem+json"})
            self.tokens += 1
            ends = self.now + timedelta(minutes=5)
            body: object = {"access_token": f"jwt-{self.tokens}", "expires_at": ends, "token_type": "Bearer"}
        elif request.url.path.endswith("/users/me"):
            body = {"id": "user_mira", "email": "m@x.example", "name": "", "status": "active", "created_at": START}
            body |= {"is_administrator": False, "organizations": {"org_b": "viewer", "org_a": "owner"}}
        else:
            id_ = request.url.path.rpartition("/")[2]
            body = {"id": id_, "kind": "organization", "name": id_[-1].upper(), "status": "active", "created_at": START}
        return httpx.Response(200, content=msgspec.json.encode(body))

    def sessions(self) -> Sessions:
        http = httpx.AsyncClient(transport=httpx.MockTransport(self.answer), base_url="http://accounts")
        return Sessions(AccountsClient(ServiceHttp(http)), lambda: self.now)


def request(scheme: str = "http", cookie: str = "") -> Request:
    headers = [(b"cookie", cookie.encode())] if cookie else []
    server = ("testserver", 443 if scheme == "https" else 80)
    return Request(
        {
            "type": "http",
            "method": "GET",
            "path": "/",
            "query_string": b"",
            "headers": headers,
            "scheme": scheme,
            "server": server,
        }
    )


async def test_a_session_is_a_person_and_the_payers_they_see() -> None:
    person = await Accounts().sessions().person(request(cookie="fogbank=s"))
    assert (person.user.id, person.token) == ("user_mira", "jwt-1")
    assert [(choice.id, choice.role) for choice in person.choices] == [
        ("org_a", "owner"),
        ("org_b", "viewer"),
        ("user_mira", "owner"),
    ]
    assert person.choices[-1].name == "m@x.example"


async def test_a_token_is_used_again_until_shortly_before_it_ends() -> None:
    accounts = Accounts()
    sessions = accounts.sessions()
    first = await sessions.person_of("s")
    accounts.now += timedelta(minutes=4)
    assert await sessions.person_of("s") is first
    accounts.now += timedelta(seconds=45)
    assert (await sessions.person_of("s")).token == "jwt-2"


async def test_without_a_session_or_with_an_ended_one_nobody_is_signed_in() -> None:
    accounts = Accounts()
    accounts.has_ended = True
    with pytest.raises(NotSignedIn):
        await accounts.sessions().person(request())
    with pytest.raises(NotSignedIn):
        await accounts.sessions().person_of("s")


async def test_a_session_that_was_signed_out_is_asked_for_again() -> None:
    accounts = Accounts()
    sessions = accounts.sessions()
    await sessions.person_of("s")
    sessions.forget("s")
    accounts.has_ended = True
    with pytest.raises(NotSignedIn):
        await sessions.person_of("s")


def test_the_cookie_is_for_this_host_and_this_connection_only() -> None:
    session = SessionView("secret", "user_mira", START + timedelta(days=1))
    response = Response()
    remember_session(response, request("https"), session, START)
    assert response.headers["set-cookie"] == (
        "__Host-fogbank=secret; HttpOnly; Max-Age=86400; Path=/; SameSite=lax; Secure"
    )
    plain = Response()
    remember_session(plain, request("http"), session, START)
    assert plain.headers["set-cookie"] == "fogbank=secret; HttpOnly; Max-Age=86400; Path=/; SameSite=lax"


def test_signing_out_takes_the_cookie_away() -> None:
    response = Response()
    drop_session(response, request("https"))
    assert 'fogbank=""' in response.headers["set-cookie"]
    assert "Max-Age=0" in response.headers["set-cookie"]


async def test_over_https_the_cookie_without_the_prefix_counts_for_nothing() -> None:
    with pytest.raises(NotSignedIn):
        await Accounts().sessions().person(request("https", cookie="fogbank=s"))
