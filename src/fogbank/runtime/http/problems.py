"""Problems at the edge: every error that leaves the app is a problem document, and the API description says so."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import msgspec
import psycopg
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from fogbank.runtime.http.caller import no_route
from fogbank.runtime.http.faults import reason_of
from fogbank.runtime.problems import PROBLEM_JSON, Problem
from fogbank.runtime.request_id import instance_of, request_id

log = structlog.get_logger(__name__)

RETRY_SECONDS = "2"
SCHEMA_NAME = "Problem"
SCHEMA: dict[str, Any] = {
    "title": SCHEMA_NAME,
    "description": "What went wrong, as RFC 9457 says. Further members depend on `type`.",
    "type": "object",
    "required": ["type", "title", "status", "detail", "instance"],
    "properties": {
        "type": {"type": "string", "format": "uri", "description": "The stable name of this kind of problem."},
        "title": {"type": "string", "description": "The status in words."},
        "status": {"type": "integer", "description": "The HTTP status."},
        "detail": {"type": "string", "description": "One sentence: what is wrong and what to do."},
        "instance": {"type": "string", "format": "uri", "description": "Names the request; our logs have it too."},
        "errors": {
            "type": "array",
            "description": "With 422: each field that is wrong, and why.",
            "items": {
                "type": "object",
                "required": ["field", "reason"],
                "properties": {"field": {"type": "string"}, "reason": {"type": "string"}},
            },
        },
    },
    "additionalProperties": True,
}


def problem_responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """For a route's `responses=`: says that it answers these statuses with a problem document."""
    schema = {"$ref": f"#/components/schemas/{SCHEMA_NAME}"}
    return {
        status: {"description": HTTPStatus(status).phrase, "content": {PROBLEM_JSON: {"schema": schema}}}
        for status in statuses
    }


def every_problem() -> dict[int | str, dict[str, Any]]:
    """For the whole app's `responses=`: whatever else goes wrong is a problem document too."""
    responses = problem_responses(408, 413, 422, 429, 503)
    return {**responses, "default": {**responses[422], "description": "Anything else that goes wrong."}}


def problem_response(problem: Problem) -> Response:
    """The problem as an answer to the request at hand."""
    headers = dict(problem.headers)
    if problem.status == HTTPStatus.UNAUTHORIZED:
        headers.setdefault("www-authenticate", "Bearer")
    return Response(
        msgspec.json.encode(problem.document(instance_of(request_id()))),
        status_code=problem.status,
        headers=headers,
        media_type=PROBLEM_JSON,
    )


def handle_problems(app: FastAPI) -> None:
    """Make every error of `app` a problem document."""
    app.add_exception_handler(Problem, _raised)
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(psycopg.OperationalError, _without_database)


KINDS = {413: "body-too-large"}
"""What we call what the framework refuses, where its status' own name is not what our routes say."""


async def _raised(_request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    return problem_response(error)


async def _refused(request: Request, error: Exception) -> Response:
    """What the framework itself refuses: no such path, no such method, a body that cannot be read."""
    assert isinstance(error, HTTPException)
    if error.status_code == HTTPStatus.NOT_FOUND:
        return problem_response(no_route(request.url.path))
    if error.status_code == HTTPStatus.BAD_REQUEST:  # its word for a body that cannot be decoded
        return problem_response(invalid_request([{"field": "body", "reason": "cannot be read as its content type"}]))
    phrase = HTTPStatus(error.status_code).phrase
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        detail = f"{request.url.path} does not answer {request.method}."
    else:
        detail = str(error.detail)
    kind = KINDS.get(error.status_code) or phrase.lower().replace(" ", "-")
    return problem_response(Problem(error.status_code, kind, detail, headers=error.headers))


async def _invalid(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    errors = [{"field": _field(fault["loc"]), "reason": reason_of(fault)} for fault in error.errors()]
    return problem_response(invalid_request(errors))


def invalid_request(errors: Sequence[Mapping[str, str]]) -> Problem:
    """422: each `field` that is wrong, and the `reason`."""
    detail = "; ".join(f"{fault['field']} {fault['reason']}" for fault in errors)
    return Problem(422, "invalid-request", f"The request is not valid: {detail}.", extra={"errors": list(errors)})


def _field(location: tuple[int | str, ...]) -> str:
    """`body.amount`, `query.from`: where the value was, dotted."""
    return ".".join(str(part) for part in location)


async def _without_database(request: Request, error: Exception) -> Response:
    """The database is down, restarting or out of something: nothing was changed, and a moment later it may do."""
    log.warning("the database refused", method=request.method, path=request.url.path, reason=str(error).strip())
    detail = "The database does not answer at the moment; nothing was changed. Try again shortly."
    headers = {"retry-after": RETRY_SECONDS}
    return problem_response(Problem(503, "database-unavailable", detail, headers=headers))


def failure_response() -> Response:
    """For a fault of ours: the log has it all, the caller gets the request's id and nothing of our insides."""
    detail = "Something failed on our side; it is logged under this request's id. Trying again may help."
    return problem_response(Problem(500, "internal-error", detail))


def describe_problems(document: Mapping[str, Any]) -> dict[str, Any]:
    """The OpenAPI document with our problem in place of the framework's own validation errors."""
    described = dict(document)
    components = dict(described.get("components", {}))
    schemas = {name: schema for name, schema in components.get("schemas", {}).items() if name not in FRAMEWORK_ERRORS}
    components["schemas"] = {**schemas, SCHEMA_NAME: SCHEMA}
    described["components"] = components
    return described


FRAMEWORK_ERRORS = frozenset({"HTTPValidationError", "ValidationError"})
