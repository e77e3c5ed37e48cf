"""Whether a newer schema still accepts all that an older one accepted. Pure.

Covers what our schemas are made of: types, alternatives, enums, bounds, patterns, objects and arrays. A property that
is new may be typed, although the older schema let anything stand under its name: nobody can have meant anything by it.
"""

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any

Schema = Mapping[str, Any]

LEAST = ("minimum", "minLength", "minItems")
MOST = ("maximum", "maxLength", "maxItems")


def breaks(older: Schema, newer: Schema, path: str = "(event)") -> list[str]:
    """Each way in which `newer` refuses what `older` accepts, with where that is; empty where there is none."""
    if "anyOf" not in older and "anyOf" not in newer:
        return list(_breaks_of_one(older, newer, path))
    alternatives = newer.get("anyOf", [newer])
    return [
        f"{path}: {_kind(each)} is no longer accepted as it was"
        for each in older.get("anyOf", [older])
        if all(breaks(each, alternative, path) for alternative in alternatives)
    ]


def _breaks_of_one(older: Schema, newer: Schema, path: str) -> Iterator[str]:
    yield from _types(older, newer, path)
    yield from _enums(older, newer, path)
    yield from _bounds(older, newer, path)
    yield from _objects(older, newer, path)
    if "items" in newer:
        yield from breaks(older.get("items", {}), newer["items"], f"{path}[]")


def _types(older: Schema, newer: Schema, path: str) -> Iterator[str]:
    before, after = older.get("type"), newer.get("type")
    widened = before == "integer" and after == "number"
    # An enum says of itself which types it takes.
    if after is not None and before != after and not widened and "enum" not in older:
        yield f"{path}: was {before or 'anything'}, and is {after}"


def _enums(older: Schema, newer: Schema, path: str) -> Iterator[str]:
    if "enum" not in newer:
        return
    if "enum" not in older:
        yield f"{path}: is one of {newer['enum']} now"
        return
    gone = [value for value in older["enum"] if value not in newer["enum"]]
    if gone:
        yield f"{path}: no longer takes {gone}"


def _bounds(older: Schema, newer: Schema, path: str) -> Iterator[str]:
    for name in LEAST:
        if name in newer and (name not in older or newer[name] > older[name]):
            yield f"{path}: {name} was {older.get(name)}, and is {newer[name]}"
    for name in MOST:
        if name in newer and (name not in older or newer[name] < older[name]):
            yield f"{path}: {name} was {older.get(name)}, and is {newer[name]}"
    if "pattern" in newer and newer["pattern"] != older.get("pattern"):
        yield f"{path}: pattern was {older.get('pattern')}, and is {newer['pattern']}"


def _objects(older: Schema, newer: Schema, path: str) -> Iterator[str]:
    for name in newer.get("required", ()):
        if name not in older.get("required", ()):
            yield f"{_below(path, name)}: is required now"
    before, after = older.get("properties", {}), newer.get("properties", {})
    for name, schema in before.items():
        if name not in after:
            yield f"{_below(path, name)}: was removed"
        else:
            yield from breaks(schema, after[name], _below(path, name))
    yield from _other_properties(older, newer, path)


def _other_properties(older: Schema, newer: Schema, path: str) -> Iterator[str]:
    before, after = older.get("additionalProperties", True), newer.get("additionalProperties", True)
    if after is True or before is False:
        return
    if after is False:
        yield f"{path}: other properties are no longer accepted"
    else:
        yield from chain(breaks(before if isinstance(before, dict) else {}, after, _below(path, "*")))


def _below(path: str, name: str) -> str:
    return name if path == "(event)" else f"{path}.{name}"


def _kind(schema: Schema) -> str:
    return str(schema.get("type") or schema.get("enum") or "anything")
