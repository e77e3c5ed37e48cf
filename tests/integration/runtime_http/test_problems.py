"""Problems: whatever goes wrong, the answer is a problem document, and it tells nothing of our insides."""

import logging
from typing import Any

import httpx
import pytest
from tests.integration.runtime_http.conftest import app_client

NAMED_JSON = {"content-type": "application/json"}
MEMBERS = {"type", "title", "status", "detail", "instance"}


async def answer(method: str, path: str, **request: Any) -> httpx.Response:
    async with app_client() as client:
        return await client.request(method, path, **request)


@pytest.mark.parametrize(
    ("method", "path", "request_", "status", "kind"),
    [
        ("GET", "/nothing/here", {}, 404, "not-found"),
        ("GET", "/api/v1/things/", {}, 404, "not-found"),
        ("PUT", "/api/v1/things/1", {}, 405, "method-not-allowed"),
        ("GET", "/api/v1/things/1", {}, 401, "not-signed-in"),
        ("GET", "/api/v1/things/one", {"headers": {"authorization": "Bearer ada"}}, 422, "invalid-request"),
        ("POST", "/api/v1/things", {"content": b"{"}, 422, "invalid-request"),
        ("POST", "/api/v1/things", {"json": {}}, 422, "invalid-request"),
        ("POST", "/api/v1/things", {"content": b"\xff", "headers": NAMED_JSON}, 422, "invalid-request"),
        ("POST", "/api/v1/things", {"content": b'{"amount": "\\ud800"}'}, 422, "invalid-request"),
        ("POST", "/api/v1/things", {"content": b"x" * 1_048_577}, 413, "body-too-large"),
        ("POST", "/api/v1/things", {"json": {"amount": 1}, "headers": {"cookie": "s=1"}}, 403, "cross-site-request"),
        ("GET", "/api/v1/things/1/secret", {"headers": {"authorization": "Bearer ada"}}, 404, "not-found"),
        ("GET", "/api/v1/things/taken/always", {}, 409, "taken"),
        ("GET", "/api/v1/things/broken/always", {}, 500, "internal-error"),
        ("GET", "/api/v1/things/broken/database", {}, 503, "database-unavailable"),
    ],
)
async def test_every_error_is_a_problem(
    method: str, path: str, request_: dict[str, Any], status: int, kind: str
) -> None:
    refused = await answer(method, path, **request_)
    assert refused.headers["content-type"] == "application/problem+json"
    document = refused.json()
    assert set(document) >= MEMBERS
    assert refused.status_code == document["status"] == status
    assert document["type"] == f"urn:fogbank:problem:{kind}"
    assert document["instance"] == "urn:fogbank:request:" + refused.headers["x-request-id"]
    assert document["detail"].endswith(".")


async def test_a_wrong_value_is_named_with_its_reason() -> None:
    document = (await answer("POST", "/api/v1/things", json={"amount": -1})).json()
    assert document["errors"] == [{"field": "body.amount", "reason": "must be more than 0"}]
    assert "body.amount must be more than 0" in document["detail"]


async def test_a_fault_of_ours_tells_the_caller_nothing_of_it() -> None:
    refused = await answer("GET", "/api/v1/things/broken/always")
    assert "hunter2" not in refused.text
    assert "RuntimeError" not in refused.text
    assert refused.headers["x-content-type-options"] == "nosniff"


async def test_a_problem_carries_its_data_and_headers() -> None:
    refused = await answer("GET", "/api/v1/things/taken/always")
    assert (refused.json()["by"], refused.headers["retry-after"]) == ("bob", "3")


async def test_who_is_not_known_is_told_how_to_say_it() -> None:
    assert (await answer("GET", "/api/v1/things/1")).headers["www-authenticate"] == "Bearer"


async def test_a_body_that_does_not_say_its_size_is_refused_once_it_is_too_large() -> None:
    async def parts() -> Any:
        for _ in range(20):
            yield b"x" * 100_000

    refused = await answer("POST", "/api/v1/things", content=parts())
    assert (refused.status_code, refused.json()["type"]) == (413, "urn:fogbank:problem:body-too-large")


async def test_a_path_that_may_take_more_does() -> None:
    taken = await answer("POST", "/api/v1/things/large", content=b"x" * 2_000_000)
    assert taken.json() == {"bytes": 2_000_000}
    refused = await answer("POST", "/api/v1/things/large", content=b"x" * 4_000_000)
    assert refused.status_code == 413


async def test_the_description_names_problems_and_nothing_of_the_frameworks_errors() -> None:
    document = (await answer("GET", "/api/v1/openapi.json")).json()
    assert "Problem" in document["components"]["schemas"]
    assert "HTTPValidationError" not in str(document)
    responses = document["paths"]["/api/v1/things/{thing_id}"]["get"]["responses"]
    assert {"200", "401", "422", "default"} <= set(responses)
    assert list(responses["422"]["content"]) == ["application/problem+json"]


def test_logs_do_not_reach_the_root_logger_twice() -> None:
    assert logging.getLogger("fogbank.http").handlers == []
