"""The envelope: each request has its id, its figures and its safe headers, and the health of the process is told."""

from datetime import timedelta

import httpx
import pytest
import structlog
from tests.integration.runtime_http.conftest import EchoView, app_client, now

from fogbank.runtime.client import ServiceHttp
from fogbank.runtime.component import Health
from fogbank.runtime.request_id import request_id
from fogbank.runtime.telemetry import add_request_id


async def test_the_callers_request_id_is_kept_and_given_back() -> None:
    async with app_client() as client:
        answer = await client.get("/api/v1/things/echo/a", headers={"x-request-id": "order-7:1"})
    assert answer.headers["x-request-id"] == answer.json()["request_id"] == "order-7:1"


@pytest.mark.parametrize("offered", ["", "a b", "a\tb", "x" * 129, "évil", "a;b"])
async def test_what_is_no_id_gets_a_new_one(offered: str) -> None:
    async with app_client() as client:
        answer = await client.get("/api/v1/things/echo/a", headers={b"x-request-id": offered.encode()})
    assert len(answer.headers["x-request-id"]) == 32


async def test_logs_of_a_request_carry_its_id() -> None:
    async with app_client() as client:
        with structlog.testing.capture_logs(processors=[add_request_id]) as lines:
            await client.get("/api/v1/things/1", headers={"authorization": "Bearer ada", "x-request-id": "seven"})
    [line] = lines
    assert (line["request_id"], line["path"], line["status"]) == ("seven", "/api/v1/things/1", 200)
    assert "Bearer" not in str(line)


async def test_the_id_goes_along_to_the_next_service_and_does_not_leak_out() -> None:
    async with app_client() as client:
        first = await ServiceHttp(client).get("/api/v1/things/echo/a", as_=EchoView)
        second = await ServiceHttp(client).get("/api/v1/things/echo/a", as_=EchoView)
    assert first.request_id != second.request_id
    assert request_id() not in (first.request_id, second.request_id)


async def test_figures_are_by_route_and_never_by_path() -> None:
    async with app_client() as client:
        for number in range(3):
            await client.get(f"/api/v1/things/{number}", headers={"authorization": "Bearer ada"})
            await client.get(f"/nothing/{number}")
        text = (await client.get("/metrics")).text
    assert 'fogbank_http_requests_total{method="GET",route="/api/v1/things/{thing_id}",status="200"} 3.0' in text
    assert 'fogbank_http_requests_total{method="GET",route="(none)",status="404"} 3.0' in text
    assert "/nothing" not in text


async def test_every_answer_tells_browsers_to_be_careful() -> None:
    async with app_client() as client:
        for path in ("/docs", "/nothing", "/health", "/api/v1/things/broken/always"):
            headers = (await client.get(path)).headers
            assert "frame-ancestors 'none'" in headers["content-security-policy"]
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["referrer-policy"] == "same-origin"


async def test_health_follows_the_components() -> None:
    health = Health(now)
    async with app_client(health=health) as client:
        health.succeeded("all done")
        assert (await client.get("/health")).status_code == 200
        health.failed("no disk")
        assert (await client.get("/health")).status_code == 503
        status = (await client.get("/api/v1/health/status")).json()
        text = (await client.get("/metrics")).text
    last = {"name": "things", "ok": False, "last_success_at": "2026-11-25T12:00:00Z", "detail": "no disk"}
    assert status == {"ok": False, "components": [last]}
    assert 'fogbank_component_ok{component="things"} 0.0' in text


async def test_the_docs_need_no_other_site_and_nothing_inline() -> None:
    async with app_client() as client:
        page = (await client.get("/docs")).text
        for asset in ("swagger-ui-bundle.js", "swagger-ui.css", "favicon-32x32.png", "start.js"):
            assert (await client.get(f"/docs/{asset}")).status_code == 200
        assert (await client.get("/docs/../pyproject.toml")).status_code == 404
    assert "http" not in page
    assert "<script>" not in page
    assert "style=" not in page


async def test_a_service_that_does_not_answer_is_a_problem() -> None:
    async with httpx.AsyncClient(base_url="http://127.0.0.1:1", timeout=timedelta(seconds=5).total_seconds()) as http:
        with pytest.raises(Exception, match="does not answer") as refused:
            await ServiceHttp(http).get("/x", as_=dict[str, str])
    assert getattr(refused.value, "status", None) == 503
