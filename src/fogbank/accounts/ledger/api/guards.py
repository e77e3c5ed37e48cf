"""What the ledger's routes ask of a caller, and the parameters that many of them take."""

from datetime import datetime
from typing import Annotated

from fastapi import Depends, Query, Request
from pydantic import AwareDatetime

from fogbank.accounts.activity.errors import ReasonNeeded
from fogbank.accounts.ledger.api.acts import Acting
from fogbank.accounts.ledger.client import LINES_MAX
from fogbank.accounts.ledger.problems import PROBLEMS
from fogbank.accounts.refusals import PROBLEMS as ACCOUNTS_PROBLEMS
from fogbank.kernel.ids import is_id
from fogbank.runtime.auth import Caller
from fogbank.runtime.http.caller import (
    AdministratorCaller,
    CurrentCaller,
    administrator_caller,
    current_caller,
    require_scope,
)
from fogbank.runtime.http.problems import problem_responses
from fogbank.runtime.http.quick import invalid
from fogbank.runtime.http.reason import REASON_HEADER, GivenReason, given_reason
from fogbank.runtime.http.refusals import refusals_as_problems
from fogbank.runtime.http.values import Id, in_utc
from fogbank.runtime.problems import Problem, not_found

REFUSED = {**PROBLEMS, ReasonNeeded: ACCOUNTS_PROBLEMS[ReasonNeeded]}
"""How all that acting on money raises is told."""

READ = "ledger:read"
WRITE = "ledger:write"

Before = Annotated[int | None, Query(ge=1, le=2**63 - 1, description="`next_cursor` of the page before.")]
After = Annotated[int | None, Query(ge=1, le=2**63 - 1, description="`previous_cursor` of the page before.")]
Limit = Annotated[int, Query(ge=1, le=LINES_MAX, description="How many at most.")]
From = Annotated[AwareDatetime | None, Query(alias="from", description="An instant with its time zone, included.")]
To = Annotated[AwareDatetime | None, Query(description="An instant with its time zone, excluded.")]


def visible_account(account_id: Id, caller: CurrentCaller) -> str:
    """The account in the path. Someone else's is 404, not 403: its existence is theirs to tell."""
    if not caller.may_see(account_id):
        raise not_found("account", account_id)
    return account_id


VisibleAccount = Annotated[str, Depends(visible_account)]
MAY_READ = Depends(require_scope(READ))
MAY_WRITE = Depends(require_scope(WRITE))
READING = problem_responses(401, 403, 404, 503)
ACTING = [*refusals_as_problems(REFUSED), Depends(administrator_caller), MAY_WRITE]
ACTED = problem_responses(401, 402, 403, 404, 409, 503)


async def acting(caller: AdministratorCaller, reason: GivenReason) -> Acting:
    """Who acts on money, and why; `ReasonNeeded`."""
    return Acting.of(caller, reason)


ActingCaller = Annotated[Acting, Depends(acting)]
NAMED_ID = r"^[A-Za-z0-9_.:-]{1,200}$"
"""The id of a transfer or a grant, in a path."""


async def reader_of(request: Request) -> str:
    """The account in the path of a quick route, where the caller may read it."""
    caller = await current_caller(request)
    account_id = account_in(request, caller)
    require_scope_of(caller, READ)
    return account_id


def account_in(request: Request, caller: Caller) -> str:
    """The account in the path of a quick route, where the caller sees it."""
    account_id: str = request.path_params["account_id"]
    if not is_id(account_id):
        raise invalid("path.account_id", "must be 1 to 128 of letters, digits and _ . : -")
    return visible_account(account_id, caller)


async def reason_in(request: Request) -> str:
    """The reason given with a quick route; most give none."""
    reason: str | None = request.headers.get(REASON_HEADER)
    return "" if reason is None else await given_reason(reason)


def require_may_take(caller: Caller) -> None:
    """403 for who sees an account and may not take from it: all but services and administrators."""
    if not caller.sees_everything:
        raise Problem(403, "not-permitted", "Only services and administrators may deduct from an account.")
    require_scope_of(caller, WRITE)


def require_scope_of(caller: Caller, scope: str) -> None:
    """403 for a key that was not given this scope."""
    if not caller.has_scope(scope):
        detail = f"This API key does not have the scope '{scope}'; make one that has it."
        raise Problem(403, "scope-missing", detail, extra={"scope": scope})


def instant_in(text: str, field: str) -> datetime:
    """An instant with its time zone, as RFC 3339 writes it; `Problem` 422 for anything else."""
    try:
        instant = datetime.fromisoformat(text)
        if instant.utcoffset() is not None:
            return in_utc(instant)
    except ValueError:
        pass
    raise invalid(field, "must be an instant with its time zone, such as 2026-11-25T12:00:00Z")
