"""Whether a value is valid under a schema, for the part of JSON Schema 2020-12 that our schemas are written in."""

import re
from collections.abc import Mapping
from typing import Any

WORDS = frozenset(
    {"$schema", "$id", "title", "description", "examples", "default", "format"}
    | {"type", "enum", "anyOf", "properties", "required", "additionalProperties"}
    | {"minimum", "maximum", "minLength", "maxLength", "pattern"}
)
TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "string": (str,),
    "number": (int, float),
    "integer": (int,),
    "null": (type(None),),
}


def is_valid(value: Any, schema: Mapping[str, Any]) -> bool:
    """Whether `schema` accepts `value`; a word that this check does not know is an error of the test."""
    assert schema.keys() <= WORDS
    is_of_type = "type" not in schema or (isinstance(value, TYPES[schema["type"]]) and not isinstance(value, bool))
    return (
        is_of_type
        and ("anyOf" not in schema or any(is_valid(value, each) for each in schema["anyOf"]))
        and ("enum" not in schema or value in schema["enum"])
        and _is_valid_inside(value, schema)
    )


def _is_valid_inside(value: Any, schema: Mapping[str, Any]) -> bool:
    match value:
        case str():
            return _is_valid_text(value, schema)
        case dict():
            return _is_valid_object(value, schema)
        case int() | float():
            return bool(schema.get("minimum", value) <= value <= schema.get("maximum", value))
        case _:
            return True


def _is_valid_text(value: str, schema: Mapping[str, Any]) -> bool:
    is_long_enough = schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value))
    # JSON Schema means ECMAScript's `$`, the very end; Python's would let a line break follow.
    pattern = schema.get("pattern", "").replace("$", r"\Z")
    return is_long_enough and re.search(pattern, value, re.ASCII) is not None


def _is_valid_object(value: Mapping[str, Any], schema: Mapping[str, Any]) -> bool:
    known = schema.get("properties", {})
    other = schema.get("additionalProperties", {})
    return all(name in value for name in schema.get("required", ())) and all(
        is_valid(each, known.get(name, other)) for name, each in value.items()
    )
