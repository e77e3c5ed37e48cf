"""Between processes and pages: a caller's address goes along, and a token that no longer holds is replaced."""

from datetime import UTC, datetime, timedelta
from typing import Any, cast

import httpx
import msgspec
import pytest
from fastapi import APIRouter, FastAPI, Request
from starlette.responses import PlainTextResponse

from fogbank.accounts.client import AccountsClient
from fogbank.portal.page_route import page_route
from fogbank.portal.rendering import Pages
from fogbank.portal.sessions import Sessions
from fogbank.runtime.client import ServiceHttp
from fogbank.runtime.http.gateway import Gateway, gateway_routes
from fogbank.runtime.origin import Origin, coming_from
from fogbank.runtime.problems import Problem

NOW = datetime(2026, 11, 25, tzinfo=UTC)


class Accounts:
    """Accounts at its HTTP boundary: gives one token after the other, and keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []

    def answer(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/auth/token"):
            self.asked.append(msgspec.json.decode(request.content))
            body: dict[str, Any] = {"access_token": f"jwt-{len(self.asked)}", "expires_at": NOW + timedelta(minutes=5)}
            body |= {"token_type": "Bearer"}
        else:
            body = {"id": "user_1", "email": "m@x.example", "name": "", "status": "active", "created_at": NOW}
            body |= {"is_administrator": False, "organizations": {}}
        return httpx.Response(200, content=msgspec.json.encode(body))

    def sessions(self) -> Sessions:
        http = httpx.AsyncClient(transport=httpx.MockTransport(self.answer), base_url="http://accounts")
        return Sessions(AccountsClient(ServiceHttp(http)), lambda: NOW)


def portal(sessions: Sessions) -> httpx.AsyncClient:
    """A page at which the first token no longer holds, since a role was changed meanwhile."""
    router = APIRouter(route_class=page_route(cast("Pages", None)))

    @router.api_route("/usage", methods=["GET", "POST"])
    async def page(request: Request) -> PlainTextResponse:
        person = await sessions.person(request)
        if person.token == "jwt-1":
            raise Problem(401, "token-refused", "The token no longer holds; get a new one.")
        return PlainTextResponse(person.token)

    app = FastAPI()
    app.include_router(router)
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://portal", cookies={"fogbank": "a session"}
    )


async def test_a_page_is_shown_with_a_new_token_where_the_old_one_no_longer_holds() -> None:
    accounts = Accounts()
    answer = await portal(accounts.sessions()).get("/usage")
    assert (answer.status_code, answer.text) == (200, "jwt-2")


async def test_what_changes_something_is_not_sent_twice_but_works_when_it_is_tried_again() -> None:
    accounts = Accounts()
    people = portal(accounts.sessions())
    first = await people.post("/usage", headers={"hx-request": "true"})
    assert first.status_code == 401
    assert (await people.post("/usage")).text == "jwt-2"


async def test_a_persons_token_is_for_what_pages_ask_and_says_where_they_sit() -> None:
    accounts = Accounts()
    sessions = accounts.sessions()
    for place in ("192.0.2.7", "192.0.2.7", "192.0.2.8"):
        with coming_from(Origin(place)):
            await sessions.person_of("a session")
    assert [each["client_address"] for each in accounts.asked] == ["192.0.2.7", "192.0.2.8"]
    assert "portal" not in accounts.asked[0]["audience"]


@pytest.mark.parametrize(("place", "told"), [("192.0.2.7", "192.0.2.7"), ("", None)])
async def test_the_process_behind_the_gateway_is_told_who_asks_and_never_by_the_client(
    place: str, told: str | None
) -> None:
    seen: list[str | None] = []

    usage = FastAPI()

    @usage.get("/history")
    async def history(request: Request) -> str:
        seen.append(request.headers.get("x-forwarded-for"))
        return "nothing"

    behind = httpx.AsyncClient(transport=httpx.ASGITransport(usage), base_url="http://usage")
    app = FastAPI()
    app.include_router(gateway_routes(Gateway("usage", ["/history"], behind)))
    with coming_from(Origin(place)):
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://origin") as http:
            await http.get("/history", headers={"x-forwarded-for": "203.0.113.9"})
    assert seen == [told]
