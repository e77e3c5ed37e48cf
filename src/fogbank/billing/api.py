"""Billing's routes: prices for everybody, an account's money for those who may see it, figures for services."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Path, Query
from pydantic import AfterValidator, AwareDatetime, BaseModel, Field

from fogbank.billing.client import (
    ACCOUNTS_PATH,
    CREDITS_MAX,
    CREDITS_PATH,
    FIGURES_PATH,
    NEEDS_PATH,
    PRICES_PATH,
    BillingFigures,
    ChargesView,
    CostGrouping,
    CostsView,
    CreditsView,
    Interval,
    NeedsView,
    PriceBookView,
    SpendView,
)
from fogbank.billing.service.charges import ChargesService
from fogbank.billing.service.costs import AskedCosts, CostsService
from fogbank.billing.service.credits import CreditsService
from fogbank.billing.service.figures import FiguresService
from fogbank.billing.service.needs import NeedsService
from fogbank.billing.service.price_books import PriceBooks
from fogbank.billing.service.spending import SpendingService
from fogbank.billing.views import price_book_view
from fogbank.kernel.ids import ID_PATTERN, AccountId
from fogbank.runtime.clock import Clock
from fogbank.runtime.http.caller import CurrentCaller, ServiceCaller, require_scope
from fogbank.runtime.http.problems import problem_responses
from fogbank.runtime.http.values import Id
from fogbank.runtime.problems import Problem, not_found

SCOPE = "billing:read"

CHARGES_DEFAULT, CHARGES_MAX = 100, 1_000
DEFAULT_SPAN = timedelta(days=30)
YEARS = range(1971, 2200)
"""What usage can be of, with room for any time zone."""

SPAN_MAX = {"hour": timedelta(days=32), "day": timedelta(days=400), "month": timedelta(days=3_660)}


def _known_year(at: datetime) -> datetime:
    if at.year not in YEARS:
        raise ValueError(f"must be in a year from {YEARS[0]} to {YEARS[-1]}")
    return at.astimezone(UTC)


Instant = Annotated[AwareDatetime, AfterValidator(_known_year)]
Account = Annotated[str, Path(pattern=f"^{ID_PATTERN.pattern}$", description="A payer: an organisation or a user.")]


class CostsAsked(BaseModel):
    """The words of a request for costs."""

    from_at: Annotated[Instant | None, Field(alias="from", description="Default: 30 days before `to`.")] = None
    to_at: Annotated[Instant | None, Field(alias="to", description="Default: now.")] = None
    interval: Annotated[Interval, Field(description="Intervals that the span touches are given whole.")] = "day"
    group_by: CostGrouping = "meter"
    timezone: Annotated[str, Field(description="Whose days and months: an IANA name.")] = "UTC"


class CreditsAsked(BaseModel):
    """Of which accounts."""

    accounts: Annotated[list[Id], Field(max_length=CREDITS_MAX)]


@dataclass(frozen=True, slots=True)
class BillingServices:
    """What the routes call."""

    books: PriceBooks
    spending: SpendingService
    costs: CostsService
    charges: ChargesService
    figures: FiguresService
    needs: NeedsService
    credits: CreditsService
    clock: Clock


def billing_routes(services: BillingServices) -> Sequence[APIRouter]:
    """The routes of billing."""
    return [_public_routes(services), _account_routes(services), _service_routes(services)]


def _public_routes(services: BillingServices) -> APIRouter:
    router = APIRouter(tags=["prices"])

    @router.get(PRICES_PATH)
    async def read_prices(
        at: Annotated[Instant | None, Query(description="Any instant of the month to price. Default: now.")] = None,
    ) -> PriceBookView:
        """What everything costs. A month is priced by the version that was valid when it began."""
        instant = at or services.clock()
        return price_book_view(services.books.pricing(instant), services.books.after(instant))

    return router


def _account_routes(services: BillingServices) -> APIRouter:
    router = APIRouter(prefix=ACCOUNTS_PATH, tags=["billing"], dependencies=[Depends(require_scope(SCOPE))])

    @router.get("/{account_id}/spend", responses=problem_responses(401, 403, 404, 502, 503))
    async def read_spend(account_id: Account, caller: CurrentCaller) -> SpendView:
        """What the account spends now, how long its credit lasts, and where the month will end."""
        return await services.spending.spend(_visible(account_id, caller))

    @router.get("/{account_id}/costs", responses=problem_responses(401, 403, 404, 422, 502, 503))
    async def read_costs(
        account_id: Account, asked: Annotated[CostsAsked, Query()], caller: CurrentCaller
    ) -> CostsView:
        """What was used cost, by hour, day or month. Intervals without a reading have no row."""
        return await services.costs.costs(_asked(_visible(account_id, caller), asked, services.clock()))

    @router.get("/{account_id}/charges", responses=problem_responses(401, 403, 404))
    async def read_charges(
        account_id: Account,
        caller: CurrentCaller,
        before: Annotated[
            int | None, Query(ge=0, le=2**63 - 1, description="`next_cursor` of the page before.")
        ] = None,
        limit: Annotated[int, Query(ge=1, le=CHARGES_MAX)] = CHARGES_DEFAULT,
    ) -> ChargesView:
        """Every revision of what the account was charged, newest first."""
        return await services.charges.charges(_visible(account_id, caller), before, limit)

    return router


def _service_routes(services: BillingServices) -> APIRouter:
    router = APIRouter(tags=["billing"])

    @router.get(FIGURES_PATH, responses=problem_responses(401, 404, 502, 503))
    async def read_figures(_caller: ServiceCaller) -> BillingFigures:
        """For the audit: usage priced anew, what was charged for it, and what was posted."""
        return await services.figures.figures()

    @router.get(NEEDS_PATH, responses=problem_responses(401, 404, 502, 503))
    async def read_needs(_caller: ServiceCaller) -> NeedsView:
        """For usage: from when on it must keep everything, for invoices that are not issued."""
        return NeedsView(await services.needs.needed_from())

    @router.post(CREDITS_PATH, responses=problem_responses(401, 404, 502, 503))
    async def read_credits(asked: CreditsAsked, _caller: ServiceCaller) -> CreditsView:
        """For compute: what accounts spend and have, whose thresholds are checked against it."""
        return CreditsView(await services.credits.of([AccountId(each) for each in asked.accounts]))

    return router


def _visible(account_id: str, caller: CurrentCaller) -> AccountId:
    # Someone else's account is 404, not 403: its existence is theirs to tell.
    if not caller.may_see(account_id):
        raise not_found("account", account_id)
    return AccountId(account_id)


def _asked(account_id: AccountId, asked: CostsAsked, now: datetime) -> AskedCosts:
    to_at = asked.to_at or now
    from_at = asked.from_at or to_at - DEFAULT_SPAN
    if from_at >= to_at:
        raise _invalid("to", "must be after from")
    if to_at - from_at > SPAN_MAX[asked.interval]:
        days = SPAN_MAX[asked.interval].days
        raise _invalid("to", f"is too far from 'from': with interval={asked.interval}, at most {days} days")
    return AskedCosts(account_id, from_at, to_at, asked.interval, asked.group_by, _zone(asked.timezone))


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, LookupError):
        reason = f"'{name[:40]}' is not a time zone; use an IANA name, such as Europe/Berlin or UTC"
        raise _invalid("timezone", reason) from None


def _invalid(name: str, reason: str) -> Problem:
    """422 that names the parameter and what it takes."""
    errors = [{"field": f"query.{name}", "reason": reason}]
    return Problem(422, "invalid-request", f"The request is not valid: {name} {reason}.", extra={"errors": errors})
