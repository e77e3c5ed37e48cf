"""Every route that one POSTs to says in docs/idempotency.md what makes it happen once."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from fogbank.cli.wiring.process import wired
from fogbank.runtime.embedded import NatsServer
from fogbank.runtime.http.idempotency import routes_with_own_keys
from fogbank.runtime.http.rate_limits import UNCOUNTED_PATHS, is_anybodys
from fogbank.runtime.settings_sources import load_settings

SERVICES = ("accounts", "queue", "compute", "billing", "notifications", "portal")
ROW = re.compile(r"^\| `POST (?P<path>[^`]+)` \| (?P<by>[^|]+) \|$", re.MULTILINE)
DOCUMENT = Path(__file__).parents[3] / "docs" / "idempotency.md"
OTHER_PROCESS = ("/api/v1/usage/", "/api/v1/backups")


@pytest_asyncio.fixture(scope="session")
async def description(
    postgres_url: str, nats: NatsServer, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[dict[str, Any]]:
    """What the services process says of its own routes."""
    environment = {
        "FOGBANK_DATA": str(tmp_path_factory.mktemp("data")),
        "FOGBANK_POSTGRES_URL": postgres_url,
        "FOGBANK_QUEUE_URL": nats.url,
        "FOGBANK_QUEUE_USER": nats.user,
        "FOGBANK_QUEUE_PASSWORD": nats.password,
        "FOGBANK_USAGE_URL": "http://127.0.0.1:9",
    }
    async with wired(load_settings(environment).settings, SERVICES) as app:
        yield app.openapi()


def posts_of(description: dict[str, Any]) -> set[str]:
    return {path for path, operations in description["paths"].items() if "post" in operations}


def rows() -> dict[str, str]:
    return {row["path"]: row["by"].strip() for row in ROW.finditer(DOCUMENT.read_text())}


def test_every_route_to_post_to_is_in_the_table_and_no_other(description: dict[str, Any]) -> None:
    told = {path for path in rows() if not path.startswith(OTHER_PROCESS)}
    assert told == {path for path in posts_of(description) if not path.startswith(OTHER_PROCESS)}


def test_the_table_says_which_routes_keep_to_the_header_in_their_own_way(description: dict[str, Any]) -> None:
    own = set(routes_with_own_keys(description))
    assert {
        path for path, by in rows().items() if by.startswith("its own") and not path.startswith(OTHER_PROCESS)
    } == own


def test_whoever_shows_credentials_where_nobody_is_asked_for_any_is_counted_all_the_same(
    description: dict[str, Any],
) -> None:
    nobodys = {
        (method.upper(), path)
        for path, operations in description["paths"].items()
        for method, operation in operations.items()
        if not operation.get("security") and path not in UNCOUNTED_PATHS
    }
    assert ("POST", "/api/v1/auth/sessions") in nobodys
    assert {asked for asked in nobodys if not is_anybodys(*asked)} == set()


def test_every_route_says_that_it_may_be_asked_too_often(description: dict[str, Any]) -> None:
    for path, operations in description["paths"].items():
        for method, operation in operations.items():
            assert "429" in operation["responses"], f"{method} {path}"
