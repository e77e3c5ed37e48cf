"""JSON Schemas made of the types that decode the wire, and of the rules that types cannot say. Pure."""

from collections.abc import Mapping
from typing import Any

import msgspec

Schema = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
REFERENCE = "#/$defs/"


def schema_of(kind: type, changes: Mapping[str, Schema]) -> Schema:
    """The schema of a struct, its parts in place of references to them.

    `changes` are by dotted path, such as `period.start`, and are laid over what is there.
    """
    described = msgspec.json.schema(kind)
    schema: Schema = inlined(described, described["$defs"])
    for path, change in changes.items():
        found = schema
        for name in path.split("."):
            found = found["properties"][name]
        found.update(change)
    return schema


def inlined(schema: Any, parts: Mapping[str, Schema]) -> Any:
    """A copy of `schema` in which every reference to one of `parts`, none of which holds itself, is that part."""
    if isinstance(schema, list):
        return [inlined(each, parts) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return inlined(parts[schema["$ref"].removeprefix(REFERENCE)], parts)
    return {name: inlined(value, parts) for name, value in schema.items() if name != "$defs"}
