"""What cuts a request that takes too long, where who calls may lift it."""

import asyncio

from starlette.types import Scope

TIME_LIMIT = "fogbank.time_limit"
"""Where a request's scope holds its timeout."""


def lift_time_limit(scope: Scope) -> None:
    """Let this request take as long as it takes."""
    limit: asyncio.Timeout | None = scope.get(TIME_LIMIT)
    if limit is not None:
        limit.reschedule(None)
