"""What the routes of the activity log take, checked."""

from typing import Annotated, Any

import msgspec
from fastapi import Depends, Query
from pydantic import AfterValidator, StringConstraints

from fogbank.accounts.activity.model import Wanted
from fogbank.accounts.activity.reading import NEWEST
from fogbank.runtime.http.values import Id, Instant
from fogbank.runtime.origin import AGENT_CHARACTERS_MAX


def _storable(state: dict[str, Any] | None) -> dict[str, Any] | None:
    """The database's JSON has no NUL, and UTF-8 no half of a pair."""
    try:
        text = msgspec.json.encode(state)
    except (UnicodeEncodeError, OverflowError, RecursionError):
        raise ValueError("cannot be stored as JSON") from None
    if rb"\u0000" in text:
        raise ValueError("must not contain the character NUL")
    return state


StateValue = Annotated[dict[str, Any] | None, AfterValidator(_storable)]
Subject = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]{1,400}$")]
Reason = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[^\x00]{1,1000}$")]
Address = Annotated[str, StringConstraints(pattern=r"^[0-9A-Fa-f:.]{2,45}$")]
AddressOrNone = Annotated[str, StringConstraints(pattern=r"^([0-9A-Fa-f:.]{2,45})?$")]
Agent = Annotated[str, StringConstraints(pattern=rf"^[^\x00-\x1f\x7f]{{0,{AGENT_CHARACTERS_MAX}}}$")]
IdOrNone = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.:-]{0,128}$")]
Before = Annotated[int, Query(ge=1, le=NEWEST, description="The last number already seen.")]


async def _filters(
    *,
    subject: Subject | None = None,
    actor_id: Id | None = None,
    action: Annotated[Id | None, Query(description="An action, or what actions begin with: `session`.")] = None,
    address: Address | None = None,
    from_: Annotated[Instant | None, Query(alias="from", description="The first instant.")] = None,
    to: Annotated[Instant | None, Query(description="The first instant that is too late.")] = None,
) -> Wanted:
    return Wanted(subject=subject, actor_id=actor_id, action=action, address=address, from_=from_, to=to)


Filters = Annotated[Wanted, Depends(_filters)]
"""Which entries of the log."""
