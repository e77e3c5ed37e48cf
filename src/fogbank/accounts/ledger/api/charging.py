"""The ledger's routes for other services alone: charges, thousands at once, and figures for the audit."""

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Query, Request
from pydantic import Field

from fogbank.accounts.ledger.api.guards import MAY_READ, WRITE, require_scope_of
from fogbank.accounts.ledger.client import (
    CHARGES_MAX,
    LEDGER_PATH,
    ChargeRequest,
    ChargeResult,
    LedgerFigures,
    PostedChargesView,
    RefusedCharge,
)
from fogbank.accounts.ledger.errors import Refused
from fogbank.accounts.ledger.model import Transfer
from fogbank.accounts.ledger.posting.operations import Charge
from fogbank.accounts.ledger.problems import PROBLEMS, REFUSALS
from fogbank.accounts.ledger.rendering import charge_result, micros_of, refused_charge
from fogbank.accounts.ledger.service import LedgerService
from fogbank.runtime.http.caller import ServiceCaller, current_caller, service_caller
from fogbank.runtime.http.problems import problem_responses
from fogbank.runtime.http.quick import body_of, quick

CHARGING = problem_responses(401, 403, 404, 413, 503)

Charges = Annotated[list[ChargeRequest], Field(max_length=CHARGES_MAX)]
CHARGES = msgspec.json.Decoder(Annotated[list[ChargeRequest], msgspec.Meta(max_length=CHARGES_MAX)])
Prefix = Annotated[
    str, Query(pattern=r"^[A-Za-z0-9_.:-]{0,128}$", description="Of charges, by the start of their ids.")
]


def charging_routes(service: LedgerService) -> APIRouter:
    """What only services may ask; for anybody else these routes do not exist."""
    router = APIRouter(prefix=LEDGER_PATH, tags=["ledger"])

    async def arguments(request: Request) -> dict[str, Any]:
        caller = await service_caller(request, await current_caller(request))
        return {"caller": caller, "charges": await body_of(request, CHARGES)}

    async def charge(caller: ServiceCaller, charges: Charges) -> PostedChargesView:
        """Charge many accounts; each charge is posted or refused for itself."""
        require_scope_of(caller, WRITE)
        return await post_charges(service, charges)

    route_class = quick(arguments, PROBLEMS)
    router.add_api_route("/charges", charge, methods=["POST"], responses=CHARGING, route_class_override=route_class)

    @router.get(
        "/figures",
        dependencies=[*REFUSALS, Depends(service_caller), MAY_READ],
        responses=problem_responses(401, 403, 404),
    )
    async def read_figures(charge_prefix: Prefix = "") -> LedgerFigures:
        """Everything added up and hashed again, for the audit. It reads the ledger from end to end."""
        return await service.figures(charge_prefix)

    return router


async def post_charges(service: LedgerService, charges: list[ChargeRequest]) -> PostedChargesView:
    """Post all charges that can be; those that cannot are told with the reason."""
    operations, asked, refused = list[Charge](), list[ChargeRequest](), list[RefusedCharge]()
    for charge in charges:
        try:
            amount_micros = micros_of("amount", charge.amount)
            operation = Charge(
                id=charge.id, account_id=charge.account_id, amount_micros=amount_micros, memo=charge.memo
            )
        except Refused as error:
            refused.append(refused_charge(charge.id, error))
        else:
            operations.append(operation)
            asked.append(charge)
    results = list[ChargeResult]()
    for charge, outcome in zip(asked, await service.post_all(operations), strict=True):
        if isinstance(outcome, Transfer):
            results.append(charge_result(outcome))
        else:
            refused.append(refused_charge(charge.id, outcome))
    return PostedChargesView(results, refused)
