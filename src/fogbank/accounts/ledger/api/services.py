"""The ledger's routes for other services: charges, grants, deposits, transfers, holds, and figures for the audit."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query
from pydantic import Field

from fogbank.accounts.ledger.client import (
    CHARGES_MAX,
    LEDGER_PATH,
    CaptureRequest,
    ChargeRequest,
    ChargeResult,
    ChargesView,
    CreditLimitRequest,
    DepositRequest,
    GrantRequest,
    HoldRequest,
    LedgerFigures,
    RefusedCharge,
    TransferRequest,
    TransferView,
)
from fogbank.accounts.ledger.errors import Refused
from fogbank.accounts.ledger.model import GrantKind, Transfer
from fogbank.accounts.ledger.posting.operations import (
    AnyOperation,
    Capture,
    Charge,
    Deposit,
    GrantCredit,
    Move,
    PlaceHold,
    Release,
    SetCreditLimit,
)
from fogbank.accounts.ledger.problems import REFUSALS
from fogbank.accounts.ledger.rendering import charge_result, micros_of, refused_charge, transfer_view
from fogbank.accounts.ledger.service import LedgerService
from fogbank.runtime.http.caller import require_scope, service_caller
from fogbank.runtime.http.problems import problem_responses

WRITE = Depends(require_scope("ledger:write"))
READ = Depends(require_scope("ledger:read"))
POSTED = problem_responses(401, 402, 403, 404, 409, 503)

Charges = Annotated[list[ChargeRequest], Field(max_length=CHARGES_MAX)]
HoldId = Annotated[str, Path(pattern=r"^[A-Za-z0-9_.:-]{1,190}$")]
Prefix = Annotated[
    str, Query(pattern=r"^[A-Za-z0-9_.:-]{0,128}$", description="Of charges, by the start of their ids.")
]


def service_routes(service: LedgerService) -> APIRouter:
    """What only services may ask; for anybody else these routes do not exist."""
    router = APIRouter(prefix=LEDGER_PATH, tags=["ledger"], dependencies=[REFUSALS, Depends(service_caller)])

    @router.post("/charges", dependencies=[WRITE], responses=problem_responses(401, 403, 404, 413, 503))
    async def charge(charges: Charges) -> ChargesView:
        """Charge many accounts; each charge is posted or refused for itself."""
        return await post_charges(service, charges)

    @router.get("/figures", dependencies=[READ], responses=problem_responses(401, 403, 404))
    async def read_figures(charge_prefix: Prefix = "") -> LedgerFigures:
        """Everything added up and hashed again, for the audit. It reads the ledger from end to end."""
        return await service.figures(charge_prefix)

    _add_credit_routes(router, service)
    _add_hold_routes(router, service)
    return router


def _add_credit_routes(router: APIRouter, service: LedgerService) -> None:
    @router.post("/grants", dependencies=[WRITE], responses=POSTED)
    async def grant(asked: GrantRequest) -> TransferView:
        """Give credit of its own priority and expiry. The grant has the request's id."""
        operation = GrantCredit(
            id=asked.id,
            account_id=asked.account_id,
            amount_micros=micros_of("amount", asked.amount),
            grant_kind=GrantKind(asked.kind),
            priority=asked.priority,
            expires_at=asked.expires_at,
            memo=asked.memo,
        )
        return await _posted(service, operation)

    @router.post("/deposits", dependencies=[WRITE], responses=POSTED)
    async def deposit(asked: DepositRequest) -> TransferView:
        """Credit money that came in; arrears are settled first."""
        amount_micros = micros_of("amount", asked.amount)
        operation = Deposit(id=asked.id, account_id=asked.account_id, amount_micros=amount_micros, memo=asked.memo)
        return await _posted(service, operation)

    @router.post("/credit-limits", dependencies=[WRITE], responses=POSTED)
    async def set_credit_limit(asked: CreditLimitRequest) -> TransferView:
        """Let an account's credit go down to minus the limit."""
        limit_micros = micros_of("limit", asked.limit)
        operation = SetCreditLimit(
            id=asked.id, account_id=asked.account_id, amount_micros=limit_micros, memo=asked.memo
        )
        return await _posted(service, operation)

    @router.post("/transfers", dependencies=[WRITE], responses=POSTED)
    async def transfer(asked: TransferRequest) -> TransferView:
        """Move an amount between two ledger accounts."""
        operation = Move(
            id=asked.id,
            amount_micros=micros_of("amount", asked.amount),
            from_name=asked.source,
            to_name=asked.target,
            memo=asked.memo,
        )
        return await _posted(service, operation)


def _add_hold_routes(router: APIRouter, service: LedgerService) -> None:
    @router.post("/holds", dependencies=[WRITE], responses=POSTED)
    async def hold(asked: HoldRequest) -> TransferView:
        """Reserve credit. The hold has the request's id."""
        operation = PlaceHold(
            id=asked.id,
            account_id=asked.account_id,
            amount_micros=micros_of("amount", asked.amount),
            expires_at=asked.expires_at,
            memo=asked.memo,
        )
        return await _posted(service, operation)

    @router.post("/holds/{hold_id}/capture", dependencies=[WRITE], responses=POSTED)
    async def capture(hold_id: HoldId, asked: CaptureRequest) -> TransferView:
        """Take all or part of what is held. Once: the transfer's id is the hold's with `:capture`."""
        part_micros = None if asked.amount is None else micros_of("amount", asked.amount)
        operation = Capture(id=f"{hold_id}:capture", hold_id=hold_id, part_micros=part_micros, memo=asked.memo)
        return await _posted(service, operation)

    @router.post("/holds/{hold_id}/release", dependencies=[WRITE], responses=POSTED)
    async def release(hold_id: HoldId) -> TransferView:
        """Free what is held. Once: the transfer's id is the hold's with `:release`."""
        return await _posted(service, Release(id=f"{hold_id}:release", hold_id=hold_id))


async def _posted(service: LedgerService, operation: AnyOperation) -> TransferView:
    return transfer_view(await service.post(operation), service.currency)


async def post_charges(service: LedgerService, charges: list[ChargeRequest]) -> ChargesView:
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
    return ChargesView(results, refused)
