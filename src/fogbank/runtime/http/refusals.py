"""From what a component refuses to a problem: its facts are exceptions, and become statuses in one place."""

from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any, TypeVar

from fastapi import Depends
from fastapi.params import Depends as Dependency

from fogbank.runtime.problems import Problem

Rendered = Callable[[Any], Problem]
"""How one kind of refusal is told."""
Refusal = TypeVar("Refusal", bound=Exception)


def refusals_as_problems(problems: Mapping[type[Refusal], Rendered]) -> list[Dependency]:
    """For a router's `dependencies=`: whichever of these a route's service raises leaves it as a problem."""
    kinds = tuple(problems)

    async def wrapped() -> AsyncIterator[None]:
        try:
            yield
        except kinds as refusal:
            raise problems[type(refusal)](refusal) from None

    return [Depends(wrapped)]
