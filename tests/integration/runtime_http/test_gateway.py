"""The gateway: another process' answers come through as they are, and its absence is a problem."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from tests.integration.runtime_http.conftest import app_client, served

from fogbank.runtime.http.gateway import Gateway


@asynccontextmanager
async def nobody_there() -> AsyncIterator[Gateway]:
    """A gateway to a port that nobody listens on."""
    async with httpx.AsyncClient(base_url="http://127.0.0.1:1") as http:
        yield Gateway(name="far", paths=["/api/v1/far/{name}"], http=http)


async def test_requests_and_answers_pass_through() -> None:
    async with served() as url, httpx.AsyncClient(base_url=url) as there:
        gateway = Gateway(name="far", paths=["/api/v1/far/{name}"], http=there)
        async with app_client(gateway) as client:
            missing = await client.get("/api/v1/far/x", headers={"x-request-id": "one"})
    assert (missing.status_code, missing.headers["content-type"]) == (404, "application/problem+json")
    assert missing.json()["instance"] == "urn:fogbank:request:one"


async def test_credentials_query_body_and_request_id_go_along_and_cookies_do_not() -> None:
    async with served() as url, httpx.AsyncClient(base_url=url) as there, httpx.AsyncClient(base_url=url) as direct:
        headers = {"authorization": "Bearer ada", "cookie": "s=1", "x-request-id": "two", "x-evil": "1"}
        gateway = Gateway(name="far", paths=["/api/v1/things/echo/{name}"], http=there)
        async with app_client(gateway, has_things=False) as client:
            through = await client.post("/api/v1/things/echo/a%20b?from=1&to=2", content=b"hello", headers=headers)
        straight = await direct.post("/api/v1/things/echo/a%20b?from=1&to=2", content=b"hello", headers=headers)
    assert through.status_code == 200
    seen = through.json()
    assert seen["request_id"] == through.headers["x-request-id"] == "two"
    assert (seen["query"], seen["body"]) == ("from=1&to=2", "a b:hello")
    assert seen["body"] == straight.json()["body"]
    assert seen["headers"]["authorization"] == "Bearer ada"
    assert not {"cookie", "x-evil"} & set(seen["headers"])
    assert through.headers.get_list("content-security-policy") == straight.headers.get_list("content-security-policy")


async def test_a_process_that_is_down_is_a_503_problem() -> None:
    async with nobody_there() as gateway, app_client(gateway, has_things=False) as client:
        refused = await client.get("/api/v1/far/x")
    assert (refused.status_code, refused.json()["type"]) == (503, "urn:fogbank:problem:service-unavailable")


@pytest.mark.parametrize("path", ["/api/v1/far/a/b", "/api/v1/fa", "/api/v1/far"])
async def test_only_the_given_paths_are_forwarded(path: str) -> None:
    async with nobody_there() as gateway, app_client(gateway, has_things=False) as client:
        assert (await client.get(path)).status_code == 404


async def test_the_origin_says_how_the_process_behind_it_is_and_describes_its_routes() -> None:
    async with served() as url, httpx.AsyncClient(base_url=url) as there:
        gateway = Gateway(name="far", paths=["/api/v1/things/{thing_id}"], http=there)
        async with app_client(gateway, has_things=False) as client:
            status = (await client.get("/api/v1/health/status")).json()
            described = (await client.get("/api/v1/openapi.json")).json()
    assert [(each["name"], each["ok"]) for each in status["components"]] == [("things", True)]
    assert "/api/v1/things/{thing_id}" in described["paths"]
    assert "/api/v1/things/echo/{name}" not in described["paths"]
    assert "EchoView" in described["components"]["schemas"]


async def test_a_process_that_is_down_is_not_well_and_hides_nothing_of_the_origin() -> None:
    async with nobody_there() as gateway, app_client(gateway) as client:
        status = (await client.get("/api/v1/health/status")).json()
        described = (await client.get("/api/v1/openapi.json")).json()
    assert status["ok"] is False
    assert [(each["name"], each["ok"]) for each in status["components"]] == [("things", True), ("far", False)]
    assert "/api/v1/things/{thing_id}" in described["paths"]
