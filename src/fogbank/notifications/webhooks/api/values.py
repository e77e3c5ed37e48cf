"""Kinds of text that the routes of webhooks take."""

from typing import Annotated, Literal

from fastapi import Depends, Header, Query
from pydantic import Field, StringConstraints

from fogbank.runtime.http.caller import require_scope
from fogbank.runtime.outbound.urls import URL_CHARACTERS_MAX

READ = [Depends(require_scope("notifications:read"))]
WRITE = [Depends(require_scope("notifications:write"))]

Url = Annotated[str, StringConstraints(min_length=1, max_length=URL_CHARACTERS_MAX)]
Subscribable = Literal[
    "metrics", "threshold_violation", "threshold_cleared", "balance_low", "balance_exhausted", "balance_restored"
]
EventTypes = Annotated[list[Subscribable], Field(min_length=1, max_length=32)]
Description = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[^\x00-\x1f\x7f]{0,200}$")]
Reason = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[^\x00-\x1f\x7f]{1,500}$")]

WHY = Query(description="Why, when an administrator does this to somebody else's webhook.")
Why = Annotated[Reason | None, WHY]

Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        pattern=r"^[A-Za-z0-9_.:-]{1,128}$",
        description="A name for this act: the same name again is the same act.",
    ),
]
After = Annotated[str, Query(max_length=128, pattern=r"^[A-Za-z0-9_.:-]*$", description="The last id already seen.")]
Before = Annotated[
    str | None, Query(pattern=r"^[0-9]{1,18}$", description="`next_cursor` of the page before, for older ones.")
]
Limit = Annotated[int, Query(ge=1, le=200, description="How many at most.")]
