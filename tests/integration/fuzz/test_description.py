"""The API's description tells a newcomer what they need: names, credentials, pages and what each route does."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
import pytest
from tests.integration.fuzz.conftest import Served
from tests.integration.tenancy.filling import API
from tests.integration.tenancy.routes import OPEN, WITHOUT_CALLER

from fogbank.accounts.client.people import AccountView
from fogbank.accounts.ledger.api.examples import BALANCE
from fogbank.accounts.ledger.client import BalanceView
from fogbank.accounts.people.api import ACCOUNT
from fogbank.compute.client.current import CurrentUsage
from fogbank.compute.current.examples import CURRENT

Operation = tuple[str, Mapping[str, Any]]


@pytest.fixture
def operations(served: Served) -> list[Operation]:
    """Every route as the walk names it, and what is said of it."""
    paths: Mapping[str, Mapping[str, Any]] = served.town.app.openapi()["paths"]
    return [
        (f"{method.upper()} {path.removeprefix(API)}", said)
        for path, each in paths.items()
        for method, said in each.items()
    ]


def test_each_operation_has_a_name_of_its_own(operations: list[Operation]) -> None:
    names = [said["operationId"] for _, said in operations]
    assert len(names) == len(set(names))
    assert not [name for name in names if not re.fullmatch(r"[a-z][a-z0-9_]{3,63}", name)]


def test_each_shape_has_a_name_of_its_own(served: Served) -> None:
    names = served.town.app.openapi()["components"]["schemas"]
    assert not [name for name in names if not re.fullmatch(r"[A-Z][A-Za-z0-9]+(-Input|-Output)?", name)]


def test_each_operation_says_what_it_does(operations: list[Operation]) -> None:
    assert not [route for route, said in operations if not said.get("description")]


def test_each_operation_that_asks_who_calls_takes_both_kinds_of_credentials(operations: list[Operation]) -> None:
    asking = {route for route, said in operations if said.get("security")}
    assert {route for route, _ in operations} - asking <= OPEN | WITHOUT_CALLER


def test_each_page_leads_to_the_next_by_after_or_before(served: Served, operations: list[Operation]) -> None:
    schemas = served.town.app.openapi()["components"]["schemas"]
    for route, said in operations:
        names = {each["name"] for each in said.get("parameters", [])}
        assert "cursor" not in names, route
        answered = [schemas[name] for name in named(said["responses"].get("200", {}))]
        if "limit" in names and any("next_cursor" in each.get("properties", {}) for each in answered):
            assert names & {"after", "before"}, route


def named(response: Mapping[str, Any]) -> Iterator[str]:
    """The schema of a JSON answer, if it has one of its own."""
    schema = response.get("content", {}).get("application/json", {}).get("schema", {})
    if "$ref" in schema:
        yield schema["$ref"].rsplit("/", 1)[-1]


@pytest.mark.parametrize(("example", "view"), [(ACCOUNT, AccountView), (BALANCE, BalanceView), (CURRENT, CurrentUsage)])
def test_what_answers_look_like_is_what_clients_read(example: Mapping[str, Any], view: type) -> None:
    read: object = msgspec.convert(example, view)
    assert msgspec.to_builtins(read).keys() == example.keys()
