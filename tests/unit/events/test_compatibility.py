"""A newer schema accepts all that the older one accepted; whatever does not is named with its place."""

from typing import Any

import pytest

from fogbank.events.schemas.compatibility import breaks

OLD: dict[str, Any] = {
    "type": "object",
    "required": ["id", "kind"],
    "properties": {
        "id": {"type": "string", "minLength": 1, "maxLength": 8, "pattern": "^a"},
        "kind": {"enum": ["x", "y"]},
        "at": {"anyOf": [{"type": "string"}, {"type": "number"}]},
        "count": {"type": "integer", "minimum": 0, "maximum": 9},
        "inner": {"type": "object", "required": ["a"], "properties": {"a": {"type": "string"}}},
        "list": {"type": "array", "items": {"type": "string"}},
        "map": {"type": "object", "additionalProperties": {"type": "string"}},
    },
}


def changed(name: str, **members: Any) -> dict[str, Any]:
    """The schema above, with members of a property replaced, or with None taken away."""
    found = {**OLD["properties"][name], **members}
    schema = {key: value for key, value in found.items() if value is not None}
    return {**OLD, "properties": {**OLD["properties"], name: schema}}


def test_a_schema_is_compatible_with_itself() -> None:
    assert breaks(OLD, OLD) == []


@pytest.mark.parametrize(
    "newer",
    [
        {**OLD, "required": ["id"]},
        {**OLD, "properties": {**OLD["properties"], "more": {"type": "string"}}},
        changed("id", maxLength=9, minLength=None, pattern=None),
        changed("kind", enum=["x", "y", "z"]),
        changed("count", type="number", maximum=10),
        changed("at", anyOf=[{"type": "null"}, {"type": "number"}, {"type": "string"}]),
        changed("map", additionalProperties=True),
        changed("list", items={}),
        changed("count", description="of something"),
    ],
)
def test_what_widens_is_compatible(newer: dict[str, Any]) -> None:
    assert breaks(OLD, newer) == []


@pytest.mark.parametrize(
    ("newer", "sentence"),
    [
        ({**OLD, "required": ["id", "kind", "at"]}, "at: is required now"),
        ({**OLD, "properties": {"id": OLD["properties"]["id"]}}, "kind: was removed"),
        ({**OLD, "additionalProperties": False}, "(event): other properties are no longer accepted"),
        (changed("id", type="integer"), "id: was string, and is integer"),
        (changed("id", maxLength=7), "id: maxLength was 8, and is 7"),
        (changed("id", minLength=2), "id: minLength was 1, and is 2"),
        (changed("id", pattern="^b"), "id: pattern was ^a, and is ^b"),
        (changed("kind", enum=["x"]), "kind: no longer takes ['y']"),
        (changed("id", enum=["a"]), "id: is one of ['a'] now"),
        (changed("count", maximum=8), "count: maximum was 9, and is 8"),
        (changed("at", anyOf=[{"type": "string"}]), "at: number is no longer accepted as it was"),
        (changed("at", anyOf=None, type="string"), "at: number is no longer accepted as it was"),
        (changed("inner", required=["a", "b"]), "inner.b: is required now"),
        (changed("inner", properties={"a": {"type": "number"}}), "inner.a: was string, and is number"),
        (changed("list", items={"type": "number"}), "list[]: was string, and is number"),
        (changed("map", additionalProperties={"type": "number"}), "map.*: was string, and is number"),
    ],
)
def test_what_narrows_is_named(newer: dict[str, Any], sentence: str) -> None:
    assert sentence in breaks(OLD, newer)
