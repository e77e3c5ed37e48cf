"""What the routes of identity ask of a caller, and how they page."""

from typing import Annotated

from fastapi import Depends, Query

from fogbank.runtime.auth import Caller, CallerKind
from fogbank.runtime.http.caller import CurrentCaller, require_scope
from fogbank.runtime.problems import Problem

READ = [Depends(require_scope("accounts:read"))]
WRITE = [Depends(require_scope("accounts:write"))]

After = Annotated[str, Query(max_length=128, pattern=r"^[A-Za-z0-9_.:-]*$", description="The last id already seen.")]
Limit = Annotated[int, Query(ge=1, le=1000, description="How many at most.")]


async def user_caller(caller: CurrentCaller) -> Caller:
    """A person (or a key of theirs): services have no profile, keys or organisations of their own."""
    if caller.kind is not CallerKind.USER:
        raise Problem(403, "people-only", "A service has nothing here of its own; act as a user.")
    return caller


UserCaller = Annotated[Caller, Depends(user_caller)]


def next_cursor(ids: list[str], limit: int) -> str | None:
    """The `after` of the next page; None when this page was not full, so it was the last."""
    return ids[-1] if len(ids) == limit else None
