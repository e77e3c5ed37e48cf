"""The ledger's routes for who has an account: its balance, its statement, its transfers and its holds."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import AwareDatetime

from fogbank.accounts.ledger.api.examples import BALANCE
from fogbank.accounts.ledger.api.guards import (
    MAY_READ,
    READING,
    After,
    Before,
    From,
    Limit,
    To,
    VisibleAccount,
    instant_in,
    reader_of,
)
from fogbank.accounts.ledger.client import (
    ACCOUNTS_PATH,
    LINES_MAX,
    BalanceHistoryView,
    BalanceView,
    HoldsView,
    StatementView,
    TransfersView,
)
from fogbank.accounts.ledger.model import Kind
from fogbank.accounts.ledger.problems import PROBLEMS, REFUSALS
from fogbank.accounts.ledger.reading.statements import position_of
from fogbank.accounts.ledger.reading.transfer_store import Wanted
from fogbank.accounts.ledger.rendering import micros_of
from fogbank.accounts.ledger.service import LedgerService
from fogbank.runtime.http.caller import CurrentCaller
from fogbank.runtime.http.describing import example
from fogbank.runtime.http.quick import invalid, quick
from fogbank.runtime.http.values import Id

DAYS_MAX = 366
STATEMENT_DEFAULT = timedelta(days=30)
CSV = "text/csv; charset=utf-8"
CURSOR = r"^[0-9]{1,18}-[0-9]{1,16}-[0-9]{1,19}$"

At = Annotated[
    AwareDatetime | None,
    Query(description="Any instant, with its time zone: what there was just before. Default: now."),
]
Days = Annotated[int, Query(ge=1, le=DAYS_MAX, description="How many days, the present one included.")]
LineCursor = Annotated[str | None, Query(pattern=CURSOR, description="`next_cursor` of the page before.")]
Format = Annotated[Literal["json", "csv"], Query(alias="format", description="`csv`: all of it at once.")]
WithSums = Annotated[bool, Query(description="Whether to add all lines of the period up by kind.")]
Kinds = Annotated[list[Kind] | None, Query(description="Only transfers of these kinds; repeatable.")]
TransferId = Annotated[str | None, Query(alias="id", pattern=r"^[A-Za-z0-9_.:-]{1,200}$", description="Only this one.")]
Amount = Annotated[str | None, Query(max_length=42, description="In credits, whichever way it moved.")]
Openness = Annotated[Literal["open", "ended"] | None, Query(description="Only those; default: all.")]


def balance_routes(service: LedgerService) -> APIRouter:
    """What an account has, now and at any past instant."""
    router = APIRouter(tags=["ledger"])

    async def arguments(request: Request) -> dict[str, Any]:
        account_id, text = await reader_of(request), request.query_params.get("at")
        return {"account_id": account_id, "at": None if text is None else instant_in(text, "query.at")}

    async def read_balance(account_id: Id, at: At = None) -> BalanceView:
        """What the account has, holds and owes, and how long it lasts; or what it had just before an instant."""
        return await (service.balance(account_id) if at is None else service.reading.balance_then(account_id, at))

    router.add_api_route(
        f"{ACCOUNTS_PATH}/{{account_id}}/balance",
        read_balance,
        methods=["GET"],
        responses={**READING, **example(BALANCE)},
        route_class_override=quick(arguments, PROBLEMS),
    )
    return router


def account_routes(service: LedgerService) -> APIRouter:
    """What happened to an account's money."""
    router = APIRouter(
        prefix=f"{ACCOUNTS_PATH}/{{account_id}}", tags=["ledger"], dependencies=[*REFUSALS, MAY_READ], responses=READING
    )

    @router.get("/balance/history")
    async def read_balance_history(account_id: VisibleAccount, days: Days = 30) -> BalanceHistoryView:
        """The balance at the end of each of the last days, in UTC."""
        return await service.reading.balance_history(account_id, days)

    @router.get("/transfers")
    async def read_transfers(
        account_id: VisibleAccount,
        caller: CurrentCaller,
        *,
        kind: Kinds = None,
        from_at: From = None,
        to: To = None,
        transfer_id: TransferId = None,
        amount_min: Amount = None,
        amount_max: Amount = None,
        before: Before = None,
        after: After = None,
        limit: Limit = 100,
    ) -> TransfersView:
        """The account's transfers, the latest first, with the legs that the caller may see.

        With `after`, the page of those that follow it most closely.
        """
        wanted = Wanted(
            before=before,
            after=after,
            kinds=kind and [each.value for each in kind],
            id=transfer_id,
            min_micros=None if amount_min is None else micros_of("amount_min", amount_min),
            max_micros=None if amount_max is None else micros_of("amount_max", amount_max),
            is_oldest=after is not None and before is None,
            limit=limit,
        )
        return await service.reading.transfers(account_id, wanted, from_at, to, with_all_legs=caller.sees_everything)

    @router.get("/holds")
    async def read_holds(
        account_id: VisibleAccount, state: Openness = None, before: Before = None, limit: Limit = 100
    ) -> HoldsView:
        """The account's holds, the latest first."""
        is_open = None if state is None else state == "open"
        return await service.reading.holds(account_id, before=before, is_open=is_open, limit=limit)

    _add_statement_route(router, service)
    return router


def _add_statement_route(router: APIRouter, service: LedgerService) -> None:
    @router.get(
        "/statement",
        response_model=StatementView,
        responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}}},
    )
    async def read_statement(
        account_id: VisibleAccount,
        *,
        from_at: From = None,
        to: To = None,
        after: LineCursor = None,
        limit: Limit = LINES_MAX,
        sums: WithSums = False,
        format_: Format = "json",
    ) -> StatementView | Response:
        """What the account had at the start of a period, every change, and what it had at the end.

        Default: the 30 days until now.
        """
        start, end = _period(service.clock(), from_at, to)
        if format_ == "csv":
            headers = {"content-disposition": f'attachment; filename="statement_{account_id}_{start:%Y%m%d}.csv"'}
            return StreamingResponse(service.statements.as_csv(account_id, start, end), media_type=CSV, headers=headers)
        position = None if after is None else position_of(after)
        return await service.statements.page(account_id, start, end, position, limit, with_sums=sums)


def _period(now: datetime, from_at: datetime | None, to: datetime | None) -> tuple[datetime, datetime]:
    try:
        end = now if to is None else to.astimezone(UTC)
        start = end - STATEMENT_DEFAULT if from_at is None else from_at.astimezone(UTC)
    except OverflowError:
        raise invalid("query.from", "must be within the years 1 to 9999 in UTC") from None
    if start >= end:
        raise invalid("query.from", "must be before 'to'")
    return start, end
