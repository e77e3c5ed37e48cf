"""History's route, for people: one word of a request at a time, and a problem for each that means nothing."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import AwareDatetime, BaseModel, Field

from fogbank.runtime.auth import Caller
from fogbank.runtime.clock import Clock
from fogbank.runtime.http.caller import CurrentCaller, require_scope
from fogbank.runtime.http.problems import problem_responses
from fogbank.runtime.problems import Problem, not_found
from fogbank.usage.client import Format, History, Interval, Subject
from fogbank.usage.errors import NotAllowed, NothingVisible
from fogbank.usage.history.answering import page_response, table_response
from fogbank.usage.history.asking import (
    NAMED_MAX,
    SPAN_DAYS_MAX,
    format_of,
    history_query,
    narrowed_to,
    require_known,
    require_whole,
)
from fogbank.usage.history.examples import answers
from fogbank.usage.history.service import HistoryService
from fogbank.usage.model import HistoryQuery

SCOPE = "usage:read"
ROWS_DEFAULT = 1_000
ROWS_MAX = 10_000
TABLE_ROWS = 10_000
"""How many rows of a table are read, and held, at once."""
DEFAULT_SPAN = timedelta(days=1)
SINGULAR: dict[Subject, str] = {"instances": "instance", "users": "user", "organizations": "organization"}

_spans = ", ".join(f"{days} days by {interval}" for interval, days in SPAN_DAYS_MAX.items())
_named = f"Only of these, with commas, at most {NAMED_MAX}."


class HistoryAsked(BaseModel):
    """The words of a request for history."""

    from_at: Annotated[AwareDatetime | None, Field(alias="from", description="Default: a day before `to`.")] = None
    to_at: Annotated[AwareDatetime | None, Field(alias="to", description="Default: now.")] = None
    interval: Annotated[Interval, Field(description=f"At most {_spans}.")] = "hour"
    group_by: Annotated[str, Field(description="Any of instance, user, meter, tier and node, with commas.")] = ""
    timezone: Annotated[str, Field(description="Whose days and months: an IANA name.")] = "UTC"
    instance_id: Annotated[str, Field(description=_named)] = ""
    user_id: Annotated[str, Field(description=_named)] = ""
    node_id: Annotated[str, Field(description=_named)] = ""
    tier: Annotated[str, Field(description=f"{_named} The tier that held when an hour began.")] = ""
    meter: Annotated[str, Field(description="Only these quantities, with commas.")] = ""
    format: Annotated[Format | None, Field(description="Default: what `Accept` names, else json.")] = None
    after: Annotated[str | None, Field(description="`next_cursor` of the page before; json only.")] = None
    limit: Annotated[
        int | None, Field(ge=1, le=ROWS_MAX, description=f"Rows of a page; {ROWS_DEFAULT} unless given; json only.")
    ] = None


def history_routes(service: HistoryService, clock: Clock) -> Sequence[APIRouter]:
    """The routes of history."""
    router = APIRouter(prefix="/api/v1/usage", tags=["usage"])

    @router.get(
        "/{subject}/{subject_id}/history",
        response_model=History,
        responses={**problem_responses(401, 403, 404, 422), 200: answers()},
        dependencies=[Depends(require_scope(SCOPE))],
    )
    async def read_history(
        subject: Subject,
        subject_id: str,
        asked: Annotated[HistoryAsked, Query()],
        caller: CurrentCaller,
        request: Request,
    ) -> Response:
        """What was used, by hour, day or month. Intervals in which nothing ran have no row: not measured is not zero.

        JSON comes in pages; CSV, Arrow and Parquet are the whole span at once.
        """
        try:
            require_known(request.query_params, PARAMETERS)
            query = _query(subject, subject_id, asked, clock, caller)
            # One's own account is known to exist before its first reading; an instance is known by its readings only.
            exists = subject != "instances" and caller.may_see(subject_id)
            chosen = format_of(asked.format, request.headers.get("accept", ""))
            if chosen == "json":
                return page_response(await service.history(query, exists=exists))
            require_whole(chosen, {"after": asked.after, "limit": asked.limit})
            pages = service.pages(replace(query, rows_max=TABLE_ROWS), exists=exists)
            return await table_response(query, asked.interval, chosen, pages)
        except NotAllowed as error:
            raise invalid(error) from None
        except NothingVisible as error:
            raise not_found(SINGULAR[subject], error.subject_id) from None

    return [router]


PARAMETERS = tuple(field.alias or name for name, field in HistoryAsked.model_fields.items())


def invalid(error: NotAllowed) -> Problem:
    """422 that names the field and what it takes."""
    errors = [{"field": f"query.{error.field}", "reason": error.reason}]
    return Problem(422, "invalid-request", f"The request is not valid: {error}.", extra={"errors": errors})


def _query(subject: Subject, subject_id: str, asked: HistoryAsked, clock: Clock, caller: Caller) -> HistoryQuery:
    until = asked.to_at or clock()
    return history_query(
        subject=subject,
        subject_id=subject_id,
        from_at=asked.from_at or until - DEFAULT_SPAN,
        to_at=until,
        interval=asked.interval,
        timezone=asked.timezone,
        group_by=asked.group_by,
        only=narrowed_to(
            instance_id=asked.instance_id,
            user_id=asked.user_id,
            node_id=asked.node_id,
            tier=asked.tier,
            meter=asked.meter,
        ),
        cursor=asked.after,
        rows_max=asked.limit or ROWS_DEFAULT,
        caller=caller,
    )
