"""What an answer breaks: schemathesis holds it to the description, and nobody gets more than a 401."""

from collections.abc import Iterator
from typing import Any

from schemathesis import Case, GenerationMode, Response
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup, ServerError
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from tests.integration.fuzz.asking import Asking, kind_of

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]

ANSWER_CHARACTERS = 600

UNREACHABLE = "issuer-unreachable"
"""The only 503 there may be: nobody is at the issuers that the generator names."""


def broken(asking: Asking, case: Case[Any], response: Response) -> Iterator[tuple[str, str]]:
    """The name of each break, and what it is."""
    try:
        case.validate_response(response, checks=CHECKS)
    except FailureGroup as group:
        yield from ((each.title, each.message) for each in group.exceptions if not _is_unreachable(each, response))
    if asking.is_nobody and asks_who_calls(case) and not _is_turned_away(case, response):
        yield "Nobody is answered", "The description says that it asks who calls"


def asks_who_calls(case: Case[Any]) -> bool:
    return bool(case.operation.definition.raw.get("security"))


def _is_turned_away(case: Case[Any], response: Response) -> bool:
    """Of what is malformed that may be said, before anybody asks who calls."""
    is_valid = case.meta is not None and case.meta.generation.mode is GenerationMode.POSITIVE
    return response.status_code == 401 or (response.status_code == 422 and not is_valid)


def _is_unreachable(failure: Failure, response: Response) -> bool:
    return isinstance(failure, ServerError) and kind_of(response) == UNREACHABLE


def told(asking: Asking, case: Case[Any], response: Response) -> str:
    """The request that shows a break, and its answer."""
    curl = case.as_curl_command(headers=dict(asking.arrived.headers))
    text = response.content.decode(errors="replace")[:ANSWER_CHARACTERS]
    return f"as {asking.name}: {curl}\n{response.status_code} {text}"
