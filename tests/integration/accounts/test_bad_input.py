"""Bad input: whatever is sent to any route, by a stranger or an administrator, the answer is never a fault of ours."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.integration.accounts.conftest import Person, World

NASTY = ["", "\x00", "a\x00b", "\ud800", "../..", "%00", "x" * 5000, "*", "-1", "[" * 2000]
nasty_texts = st.text(max_size=40) | st.sampled_from(NASTY)
nasty_values = st.recursive(
    nasty_texts | st.none() | st.booleans() | st.integers() | st.floats(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(nasty_texts, inner, max_size=3),
    max_leaves=6,
)


@pytest.fixture(scope="session")
def operations(world: World) -> list[tuple[str, str, dict[str, Any]]]:
    """Every route: method, path template and the fields of its body."""
    document = world.app.openapi()
    return [
        (method, path, _fields(document, operation))
        for path, item in document["paths"].items()
        for method, operation in item.items()
    ]


def _fields(document: dict[str, Any], operation: dict[str, Any]) -> dict[str, Any]:
    schema = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    references = [schema, *schema.get("oneOf", [])]
    fields: dict[str, Any] = {}
    for reference in references:
        name = reference.get("$ref", "").rpartition("/")[2]
        fields |= document["components"]["schemas"].get(name, {}).get("properties", {})
    return fields


@pytest.fixture(scope="session")
async def callers(world: World) -> list[Person | None]:
    return [None, await world.person(), await world.person(is_administrator=True)]


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
async def test_no_route_ever_fails(
    world: World,
    operations: list[tuple[str, str, dict[str, Any]]],
    callers: list[Person | None],
    data: st.DataObject,
) -> None:
    method, template, fields = data.draw(st.sampled_from(operations))
    caller = data.draw(st.sampled_from(callers))
    path = template.replace("{", "\x01").replace("}", "\x01").split("\x01")
    filled = "".join(part if index % 2 == 0 else _quoted(data.draw(nasty_texts)) for index, part in enumerate(path))
    body = {name: data.draw(nasty_values) for name in fields}
    content = json.dumps(body).encode() if fields else None
    answer = await world.http.request(
        method,
        filled,
        params={"after": _printable(data.draw(nasty_texts)), "account_id": _printable(data.draw(nasty_texts))},
        content=content,
        headers={"content-type": "application/json", **(caller.headers if caller else {})},
    )
    assert answer.status_code < 500, (method, filled, content, answer.text)
    if answer.status_code >= 400:
        assert answer.headers["content-type"] == "application/problem+json"


def _quoted(text: str) -> str:
    return "".join(f"%{byte:02X}" for byte in text.encode("utf-8", "surrogatepass"))


def _printable(text: str) -> str:
    return text.encode("utf-8", "replace").decode()
