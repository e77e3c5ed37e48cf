"""Fills a route's path, query and body from its description, with what is the victim's."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tests.integration.tenancy.routes import BODIES, PARAMETERS, PLACES, VALUES

API = "/api/v1"
THING = re.compile(r"\{(\w+)\}")
HOW = "say in one line of tests/integration/tenancy/routes.py what it stands for"


class Unknown(Exception):
    """The walk cannot fill a route; says what to add where."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One request of the walk, in which `{name}` stands for things."""

    route: str
    method: str
    path: str
    query: Mapping[str, str]
    body: Any
    content_type: str = "application/json"

    @property
    def names_somebody(self) -> bool:
        """Whether a thing of somebody's stands in it."""
        return any(THING.search(text) for text in (self.path, *self.query.values(), json.dumps(self.body)))

    @property
    def only_filters(self) -> bool:
        """Whether it is a list, of which a parameter names what to show."""
        return self.method == "GET" and THING.search(self.path) is None

    def turn(self) -> tuple[bool, str]:
        """When it is asked: what ends who asks, their own sessions and keys, comes last."""
        return not self.names_somebody, {"GET": "", "DELETE": "Z"}.get(self.method, self.method)

    def with_things(self, things: Mapping[str, str]) -> "Asked":
        """The same with these things in it; `Unknown` where one is not there."""
        return Asked(
            self.route,
            self.method,
            _named(self.path, things),
            {name: _named(value, things) for name, value in self.query.items()},
            _named(self.body, things),
            self.content_type,
        )


def requests_of(document: Mapping[str, Any]) -> Iterator[Asked | Unknown]:
    """Every route once, and once more for each parameter of its query that names something; or why not."""
    for path, routes in sorted(document["paths"].items()):
        for method, described in routes.items():
            route = f"{method.upper()} {path.removeprefix(API)}"
            try:
                yield from _of_route(document, route, path, described)
            except Unknown as unknown:
                yield unknown


def _of_route(document: Mapping[str, Any], route: str, path: str, described: Mapping[str, Any]) -> Iterator[Asked]:
    method = route.partition(" ")[0]
    for place, meant in PLACES.items():
        path = path.replace(place, meant)
    filled = THING.sub(lambda match: _parameter(route, match[1]), path)
    body, content_type = _body(document, route, described)
    required = {each["name"] for each in described.get("parameters", []) if each["in"] == "query" and each["required"]}
    query = {name: _value(document, route, name, {}) for name in sorted(required)}
    yield Asked(route, method, filled, query, body, content_type)
    for each in described.get("parameters", []):
        if each["in"] == "query" and each["name"] in PARAMETERS and each["name"] not in required:
            yield Asked(route, method, filled, {**query, each["name"]: PARAMETERS[each["name"]]}, body, content_type)


def _parameter(route: str, name: str) -> str:
    if f"{{{name}}}" in "".join(PLACES.values()):
        return f"{{{name}}}"
    if name not in PARAMETERS:
        raise Unknown(f"{route}: {name} stands in its path; {HOW} (PARAMETERS)")
    return PARAMETERS[name]


def _body(document: Mapping[str, Any], route: str, described: Mapping[str, Any]) -> tuple[Any, str]:
    if "requestBody" not in described:
        return None, ""
    content = described["requestBody"]["content"]
    content_type = "application/json" if "application/json" in content else next(iter(content))
    if route in BODIES:
        return BODIES[route], content_type
    return _valid(document, route, "body", content[content_type].get("schema", {})), content_type


def _valid(document: Mapping[str, Any], route: str, name: str, schema: Mapping[str, Any]) -> Any:
    """Something that the schema allows: what must be there, and what names things."""
    while "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[-1]]
    options = [each for key in ("anyOf", "oneOf") for each in schema.get(key, []) if each.get("type") != "null"]
    if options:
        return _valid(document, route, name, options[0])
    if schema.get("type") != "object" or "properties" not in schema:
        return _value(document, route, name, schema)
    required = schema.get("required", [])
    return {
        field: _value(document, route, field, told)
        for field, told in schema["properties"].items()
        if field in required or field in PARAMETERS
    }


def _value(document: Mapping[str, Any], route: str, name: str, schema: Mapping[str, Any]) -> Any:
    if "enum" in schema or "const" in schema:
        return schema.get("const", schema.get("enum", [None])[0])
    for known in (PARAMETERS, VALUES):
        if name in known:
            return known[name]
    if schema.keys() & {"$ref", "anyOf", "oneOf"}:
        return _valid(document, route, name, schema)
    if schema.get("type") == "array" and schema.get("minItems"):
        return [_valid(document, route, name, schema.get("items", {}))]
    if schema.get("type") in SIMPLE and not schema.keys() & {"pattern", "format"}:
        return SIMPLE[schema["type"]]
    raise Unknown(f"{route}: {name} must be in its body, or its query; {HOW} (VALUES, or BODIES for the whole body)")


SIMPLE: dict[str, Any] = {"boolean": False, "integer": 1, "number": 1, "array": [], "object": {}, "string": "walked"}


def _named(value: Any, things: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        try:
            return THING.sub(lambda match: things[match[1]], value)
        except KeyError as missing:
            raise Unknown(f"the victim has no {missing}; make one in tests/integration/tenancy/things.py") from None
    if isinstance(value, dict):
        return {name: _named(each, things) for name, each in value.items()}
    if isinstance(value, list):
        return [_named(each, things) for each in value]
    return value
