"""The ledger and billing: balances, costs, and what is spent."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import Request
from tests.e2e.portal.stand_in.routes import Route, id_in
from tests.e2e.portal.world import DAY, ORG, World

from fogbank.kernel.money import credits_from_micros
from fogbank.kernel.periods import month_of


def answers(route: Route, world: World) -> None:
    def balance(request: Request) -> object:
        amounts = {"balance": world.balance, "available": world.balance, "held": "0.00", "floor": "0.00"}
        return {"account_id": id_in(request), "currency": "EUR", **amounts, "arrears": "0.00", "grants": []}

    def history(_: Request) -> object:
        levels = [2000 - 38 * (day % 17) for day in range(30)]
        days = [{"day": world.now - DAY * (29 - day), "balance": f"{level}.00"} for day, level in enumerate(levels)]
        return {"account_id": ORG, "currency": "EUR", "days": days}

    def spend(request: Request) -> object:
        return _spend(world, id_in(request))

    def costs(request: Request) -> object:
        asked = request.query_params
        zone = ZoneInfo(asked["timezone"])
        start, end = datetime.fromisoformat(asked["from"]), datetime.fromisoformat(asked["to"])
        is_ours = id_in(request) == ORG
        rows = world.costs(start, end, asked["interval"], asked["group_by"], zone) if is_ours else []
        facts = {"currency": "EUR", "interval": asked["interval"], "group_by": asked["group_by"], "timezone": zone.key}
        return {"account_id": id_in(request), **facts, "total": "0.00", "rows": rows, "complete_until": world.now}

    route("/api/v1/accounts/{id}/balance", "ledger", balance)
    route("/api/v1/accounts/{id}/balance/history", "ledger", history)
    nothing: dict[str, Any] = {"account_id": ORG, "currency": "EUR", "holds": [], "next_cursor": None}
    route("/api/v1/accounts/{id}/holds", "ledger", lambda _: nothing)
    route("/api/v1/billing/accounts/{id}/spend", "billing", spend)
    route("/api/v1/billing/accounts/{id}/costs", "billing", costs)


def _spend(world: World, account_id: str) -> dict[str, Any]:
    month = month_of(world.now)
    rows = [] if account_id != ORG else world.costs(month.start_at, world.now, "day", "meter", ZoneInfo("UTC"))
    month_to_date = sum(round(float(row["cost"]) * 1e6) for row in rows)
    runway = world.runway_seconds if month_to_date else None
    return {
        "account_id": account_id,
        "currency": "EUR",
        "as_of": world.now,
        "month_start": month.start_at,
        "month_end": month.end_at,
        "month_to_date": credits_from_micros(month_to_date),
        "per_hour": world.per_hour if month_to_date else "0.00",
        "forecast_month": credits_from_micros(month_to_date * 122 // 100),
        "available": world.balance,
        "runway_seconds": runway,
        "runs_out_at": None if runway is None else world.now + timedelta(seconds=runway),
        "state": "ok",
        "previous_month_to_date": credits_from_micros(month_to_date * 89 // 100) if month_to_date else None,
        "per_hour_yesterday": "5.28" if month_to_date else None,
        "by_meter": [],
    }
