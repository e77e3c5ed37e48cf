"""What is wrong with a value of a request, in words: the framework's kinds of faults as we say them. Pure."""

import re
from collections.abc import Mapping
from typing import Any

SAID: Mapping[str, str] = {
    "missing": "is missing",
    "extra_forbidden": "is not known",
    "json_invalid": "is not JSON",
    "string_type": "must be text",
    "string_too_short": "must have at least {min_length} characters",
    "string_too_long": "must have at most {max_length} characters",
    "string_pattern_mismatch": "must match {pattern}",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "greater_than": "must be more than {gt}",
    "greater_than_equal": "must be at least {ge}",
    "less_than": "must be less than {lt}",
    "less_than_equal": "must be at most {le}",
    "enum": "must be {expected}",
    "literal_error": "must be {expected}",
    "list_type": "must be a list",
    "dict_type": "must be an object",
    "dataclass_type": "must be an object",
    "model_attributes_type": "must be an object",
    "datetime_parsing": "must be an instant, such as 2026-11-25T08:30:00Z",
    "datetime_from_date_parsing": "must be an instant, such as 2026-11-25T08:30:00Z",
    "value_error": "{error}",
    "timezone_aware": "must have a timezone, such as Z",
}
"""By the kind of fault, what is said of the value; in braces, what the kind tells besides."""


FORMS: Mapping[str, str] = {
    r"\^\[A-Za-z0-9_\.:-\]\{(\d+),(\d+)\}\$": "must be {0} to {1} of letters, digits and _ . : -",
    r"\^\[\^\\x00(?:-\\x1f\\x7f)?\]\{(\d+),(\d+)\}\$": "must be {0} to {1} characters that can be printed",
    r"\^\[\^@.*\]\+@.*": "must be an e-mail address",
    r"\^https\?://.*": "must be a URL that begins with http:// or https://",
}
"""By what a pattern looks like, what it asks for in words. Any other is for programs, and is shown to them."""


def reason_of(fault: Mapping[str, Any]) -> str:
    """What is wrong, to stand behind the field's name. Of a kind we have no words for, the framework's own."""
    if (form := _form_of(fault.get("ctx", {}).get("pattern", ""))) is not None:
        return form
    said = SAID.get(fault["type"])
    return str(fault["msg"]) if said is None else said.format_map(fault.get("ctx", {}))


def _form_of(pattern: str) -> str | None:
    for looks, said in FORMS.items():
        if found := re.fullmatch(looks, pattern):
            return said.format(*found.groups())
    return None
