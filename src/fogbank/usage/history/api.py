"""History's route, for people: one word of a request at a time, and a problem for each that means nothing."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime, BaseModel, Field

from fogbank.runtime.clock import Clock
from fogbank.runtime.http.caller import CurrentCaller, require_scope
from fogbank.runtime.http.problems import problem_responses
from fogbank.runtime.problems import Problem, not_found
from fogbank.usage.client import History, Interval, Subject
from fogbank.usage.errors import NotAllowed, NothingVisible
from fogbank.usage.history.asking import INTERVALS_MAX, history_query
from fogbank.usage.history.service import HistoryService

SCOPE = "usage:read"
ROWS_DEFAULT = 1_000
ROWS_MAX = 10_000
DEFAULT_SPAN = timedelta(days=1)
SINGULAR: dict[Subject, str] = {"instances": "instance", "users": "user", "organizations": "organization"}

HISTORY_EXAMPLE = {
    "rows": [
        {
            "start": "2026-03-01T23:00:00Z",
            "end": "2026-03-02T23:00:00Z",
            "group": {"instance": "instance_abcdef"},
            "quantities": {"cpu_seconds": "10800", "memory_gb_seconds": "362880", "instance_seconds": "86400"},
            "averages": {"cpu_percent": "12.5", "memory_gb": "4.2"},
            "events": 2880,
        }
    ],
    "complete_until": "2026-03-04T10:00:00Z",
    "next_cursor": None,
}


class HistoryAsked(BaseModel):
    """The words of a request for history."""

    from_at: Annotated[AwareDatetime | None, Field(alias="from", description="Default: a day before `to`.")] = None
    to_at: Annotated[AwareDatetime | None, Field(alias="to", description="Default: now.")] = None
    interval: Annotated[Interval, Field(description=f"At most {INTERVALS_MAX} of them.")] = "hour"
    group_by: Annotated[str, Field(description="Any of instance, user and meter, with commas.")] = ""
    timezone: Annotated[str, Field(description="Whose days and months: an IANA name.")] = "UTC"
    cursor: Annotated[str | None, Field(description="`next_cursor` of the page before.")] = None
    limit: Annotated[int, Field(ge=1, le=ROWS_MAX)] = ROWS_DEFAULT


def history_routes(service: HistoryService, clock: Clock) -> Sequence[APIRouter]:
    """The routes of history."""
    router = APIRouter(prefix="/api/v1/usage", tags=["usage"])

    @router.get(
        "/{subject}/{subject_id}/history",
        responses={
            **problem_responses(401, 403, 404, 422),
            200: {"content": {"application/json": {"example": HISTORY_EXAMPLE}}},
        },
        dependencies=[Depends(require_scope(SCOPE))],
    )
    async def read_history(
        subject: Subject, subject_id: str, asked: Annotated[HistoryAsked, Query()], caller: CurrentCaller
    ) -> History:
        """What was used, by hour, day or month. Intervals without a reading have no row: not measured is not zero."""
        until = asked.to_at or clock()
        try:
            query = history_query(
                subject=subject,
                subject_id=subject_id,
                from_at=asked.from_at or until - DEFAULT_SPAN,
                to_at=until,
                interval=asked.interval,
                timezone=asked.timezone,
                group_by=asked.group_by,
                cursor=asked.cursor,
                rows_max=asked.limit,
                caller=caller,
            )
            # One's own account is known to exist before its first reading; an instance is known by its readings only.
            return await service.history(query, exists=subject != "instances" and caller.may_see(subject_id))
        except NotAllowed as error:
            raise invalid(error) from None
        except NothingVisible as error:
            raise not_found(SINGULAR[subject], error.subject_id) from None

    return [router]


def invalid(error: NotAllowed) -> Problem:
    """422 that names the field and what it takes."""
    errors = [{"field": f"query.{error.field}", "reason": error.reason}]
    return Problem(422, "invalid-request", f"The request is not valid: {error}.", extra={"errors": errors})
