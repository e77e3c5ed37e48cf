"""What is asked: schemathesis makes up requests for each operation once, whoever asks them then.

Nothing that is answered changes what is made up: its own engine learns from answers, and builds its generators anew
after each, which costs more than all that the app does.
"""

import json
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from zlib import crc32

import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import APIOperation, Case, GenerationMode
from schemathesis.config import SchemathesisConfig
from schemathesis.core import NOT_SET
from schemathesis.generation.drivers import CoverageGenerator, ExamplesGenerator
from schemathesis.generation.feedback import NO_FEEDBACK
from schemathesis.generation.overrides import Override
from schemathesis.transport import SerializationContext
from tests.integration.tenancy.filling import THING, Asked

T = TypeVar("T")
Operation = APIOperation[Any, Any, Any, Any]

TURNS = ("GET", "POST", "PUT", "PATCH", "DELETE")
"""What takes things away comes after what needs them."""

ANSWER_SECONDS_MAX = 600
"""Far more than any answer takes, however busy the machine is."""


@dataclass(frozen=True, slots=True)
class Depth:
    """How many requests are made up for an operation, besides the examples of its description."""

    drawn: int
    """At random: so many that the description allows, and so many that it may not."""
    bounds_percent: int
    """Of all that have one value at its bounds, or just past them."""
    bounds_min: int
    is_random: bool
    """Whether each run draws others."""


SHORT = Depth(drawn=2, bounds_percent=5, bounds_min=2, is_random=False)
LONG = Depth(drawn=25, bounds_percent=100, bounds_min=0, is_random=True)


@schemathesis.serializer("application/x-ndjson")
def lines(_context: SerializationContext, body: Any) -> bytes:
    """What the generator cannot write by itself: a string as it is, anything else as one line."""
    return body.encode() if isinstance(body, str) else json.dumps(body).encode()


def operations_of(document: Mapping[str, Any], url: str) -> list[Operation]:
    """Every operation, in an order that takes things away last."""
    settings = {
        "base-url": url,
        "request-timeout": ANSWER_SECONDS_MAX,
        "generation": {"with-security-parameters": False},
        "phases": {"coverage": {"unexpected-methods": []}},
    }
    config = SchemathesisConfig.from_dict(settings)
    schema = schemathesis.openapi.from_dict(without_default(document), config=config)
    every = (schema[path][method] for path, routes in document["paths"].items() for method in routes)
    return sorted(every, key=_turn)


def _turn(operation: Operation) -> tuple[bool, int]:
    return operation.path.endswith("/close"), TURNS.index(operation.method.upper())


def without_default(document: Mapping[str, Any]) -> dict[str, Any]:
    """The description without `default`: each status that a route answers must be named."""
    paths = {
        path: {method: {**said, "responses": _named(said["responses"])} for method, said in routes.items()}
        for path, routes in document["paths"].items()
    }
    return {**document, "paths": paths}


def _named(responses: Mapping[str, Any]) -> dict[str, Any]:
    return {status: said for status, said in responses.items() if status != "default"}


def cases_of(operation: Operation, depth: Depth, walked: Sequence[Asked]) -> list[Case[Any]]:
    """What schemathesis makes up for an operation, each request once; before that what the walk asks."""
    made = [
        *(_walked(operation, each) for each in walked),
        *ExamplesGenerator(operation=operation, override=Override(), feedback=NO_FEEDBACK, fill_missing=False),
        *_drawn(operation, depth, [GenerationMode.POSITIVE]),
        *_drawn(operation, depth, list(GenerationMode)),
        *_at_bounds(operation, depth),
    ]
    return list(dict.fromkeys(made))


def _walked(operation: Operation, asked: Asked) -> Case[Any]:
    """A request that says more than a description can, such as fields that go together. Names stand in for things."""
    return operation.Case(
        path_parameters={name: name for name in THING.findall(operation.path)},
        query=dict(asked.query),
        body=NOT_SET if asked.body is None else asked.body,
        media_type=asked.content_type or None,
    )


def _drawn(operation: Operation, depth: Depth, modes: Sequence[GenerationMode]) -> list[Case[Any]]:
    """What hypothesis draws, before any of it is sent."""
    drawn: list[Case[Any]] = []

    @seed(random.getrandbits(64) if depth.is_random else crc32(operation.label.encode()))
    @settings(
        max_examples=depth.drawn,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.one_of([operation.as_strategy(mode, feedback=NO_FEEDBACK) for mode in modes]))
    def draw(case: Case[Any]) -> None:
        drawn.append(case)

    draw()
    return drawn


def _at_bounds(operation: Operation, depth: Depth) -> Iterator[Case[Any]]:
    generation = operation.schema.config.generation_for(operation=operation)
    made = CoverageGenerator(
        operation=operation,
        generation_modes=generation.modes,
        generation_config=generation,
        auth_storage=None,
        override=Override(),
        feedback=NO_FEEDBACK,
    )
    return spread(list(made), depth)


def spread(values: Sequence[T], depth: Depth) -> Iterator[T]:
    """As many as `depth` says, as far from one another as they can be."""
    count = min(len(values), max(depth.bounds_min, len(values) * depth.bounds_percent // 100))
    return (values[number * len(values) // count] for number in range(count))
