"""A sweep: schemathesis asks every operation of the app's own description, and says what the answers break."""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import schemathesis
from schemathesis import Case, Response
from schemathesis.config import SchemathesisConfig
from schemathesis.core.failures import Failure, ServerError
from schemathesis.engine import events, from_schema
from schemathesis.engine.recorder import CheckNode, ScenarioRecorder
from schemathesis.hooks import GLOBAL_HOOK_DISPATCHER, HookContext
from schemathesis.transport import SerializationContext
from tests.integration.fuzz.asking import Asking, kind_of

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
)

SEED = 4
ANSWER_CHARACTERS = 600

UNREACHABLE = "issuer-unreachable"
"""The only 503 there may be: nobody is at the issuers that the generator names."""


@schemathesis.serializer("application/x-ndjson")
def lines(_context: SerializationContext, body: Any) -> bytes:
    """What the generator cannot write by itself: a string as it is, anything else as one line."""
    return body.encode() if isinstance(body, str) else json.dumps(body).encode()


@dataclass(frozen=True, slots=True)
class Depth:
    """How much is generated for one kind of caller."""

    fuzzed: int
    """Requests for each operation, besides the examples of the description."""
    boundaries_of: int
    """The values at the bounds of every parameter and field are asked of one in so many operations."""
    sequences: int
    """Requests that follow from answers."""
    seconds_max: int
    """After so long it ends with what was found."""


SHORT = Depth(fuzzed=2, boundaries_of=5, sequences=0, seconds_max=3600)
"""Five kinds of callers share the operations among them."""
LONG = Depth(fuzzed=60, boundaries_of=1, sequences=40, seconds_max=570)


def depth() -> Depth:
    return LONG if os.environ.get("FOGBANK_FUZZ") == "long" else SHORT


def operations_of(document: Mapping[str, Any]) -> list[str]:
    """Every operation, as schemathesis names it."""
    return [f"{method.upper()} {path}" for path, said in document["paths"].items() for method in said]


def findings(document: Mapping[str, Any], url: str, asking: Asking, share: int, depth: Depth) -> Iterator[str]:
    """What the answers to one kind of caller break, each kind of break of an operation once.

    `share` says which of the operations are this caller's to be asked for the values at their bounds.
    """
    names = [name for number, name in enumerate(operations_of(document)) if (number - share) % depth.boundaries_of]
    config = _config(url, depth, without_boundaries=names)
    schema = schemathesis.openapi.from_dict(without_default(document), config=config)

    @schema.hook
    def filter_failure(_context: HookContext, failure: Failure, _case: Case[Any], response: Response) -> bool:
        return not (isinstance(failure, ServerError) and kind_of(response) == UNREACHABLE)

    known = set()
    with hooked(asking):
        for event in from_schema(schema).execute():
            for finding in _of(event):
                if finding.splitlines()[0] not in known:
                    known.add(finding.splitlines()[0])
                    yield finding


@contextmanager
def hooked(asking: Asking) -> Iterator[None]:
    """`asking` around each call. schemathesis knows such hooks only for all of a process."""

    def before_call(_context: HookContext, case: Case[Any], _kwargs: dict[str, Any]) -> None:
        asking.before(case)

    def after_call(_context: HookContext, case: Case[Any], response: Response) -> None:
        asking.after(case, response)

    for hook in (before_call, after_call):
        GLOBAL_HOOK_DISPATCHER.register_hook_with_name(hook, hook.__name__)
    try:
        yield
    finally:
        for hook in (before_call, after_call):
            GLOBAL_HOOK_DISPATCHER.unregister(hook)


def without_default(document: Mapping[str, Any]) -> dict[str, Any]:
    """The description without `default`: each status that a route answers must be named."""
    paths = {
        path: {method: {**said, "responses": _named(said["responses"])} for method, said in routes.items()}
        for path, routes in document["paths"].items()
    }
    return {**document, "paths": paths}


def _named(responses: Mapping[str, Any]) -> dict[str, Any]:
    return {status: said for status, said in responses.items() if status != "default"}


def _config(url: str, depth: Depth, *, without_boundaries: Sequence[str]) -> SchemathesisConfig:
    return SchemathesisConfig.from_dict(
        {
            "base-url": url,
            "seed": SEED,
            "max-time": depth.seconds_max,
            "suppress-health-check": ["all"],
            "cache": {"enabled": False},
            "generation": {
                "max-examples": depth.fuzzed,
                "deterministic": True,
                "no-shrink": True,
                "database": "none",
                "with-security-parameters": False,
            },
            "checks": {"enabled": False, **{name: {"enabled": True} for name in CHECKS}},
            "phases": {
                "stateful": {
                    "enabled": bool(depth.sequences),
                    "generation": {"max-examples": depth.sequences or 1},
                },
            },
            "operations": [
                {"include-name": name, "phases": {"coverage": {"enabled": False}}} for name in without_boundaries
            ],
        }
    )


def _of(event: events.EngineEvent) -> Iterator[str]:
    if isinstance(event, events.NonFatalError):
        yield f"{event.label}: {event.info.format()}"
    elif isinstance(event, events.FatalError):
        raise event.exception
    elif isinstance(event, events.ScenarioFinished):
        for case_id, checks in event.recorder.checks.items():
            for check in checks:
                if check.failure_info is not None:
                    yield _told(event.recorder, case_id, check)


def _told(recorder: ScenarioRecorder, case_id: str, check: CheckNode) -> str:
    """Which operation breaks what, with the request that shows it and its answer."""
    failed = check.failure_info
    assert failed is not None
    operation = recorder.cases[case_id].value.operation.label
    response = recorder.interactions[case_id].response
    answer = f"{response.status_code} {response.text[:ANSWER_CHARACTERS]}" if response is not None else "no answer"
    return "\n".join([f"{operation}: {failed.failure.title}", failed.failure.message, failed.code_sample, answer])
