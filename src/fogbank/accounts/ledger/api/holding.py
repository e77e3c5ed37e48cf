"""Reserving credit, and taking or freeing it: for services, and for administrators."""

from typing import Annotated

from fastapi import APIRouter, Path

from fogbank.accounts.ledger.api.acts import Acts
from fogbank.accounts.ledger.api.guards import ACTED, ACTING, ActingCaller
from fogbank.accounts.ledger.client import LEDGER_PATH, CaptureRequest, ExtendRequest, HoldRequest, TransferView
from fogbank.accounts.ledger.posting.hold_operations import HOLD_ID_LENGTH_MAX
from fogbank.accounts.ledger.posting.operations import Capture, ExtendHold, PlaceHold, Release
from fogbank.accounts.ledger.rendering import micros_of

HoldId = Annotated[str, Path(pattern=rf"^[A-Za-z0-9_.:-]{{1,{HOLD_ID_LENGTH_MAX}}}$")]


def holding_routes(acts: Acts) -> APIRouter:
    """Holds: placed, extended, then captured in all or in part, or released."""
    router = APIRouter(prefix=f"{LEDGER_PATH}/holds", tags=["ledger"], dependencies=ACTING, responses=ACTED)

    @router.post("")
    async def hold(asked: HoldRequest, acting: ActingCaller) -> TransferView:
        """Reserve credit. The hold has the request's id."""
        operation = PlaceHold(
            id=asked.id,
            account_id=asked.account_id,
            amount_micros=micros_of("amount", asked.amount),
            expires_at=asked.expires_at,
            memo=asked.memo,
        )
        return await acts.post(acting, operation)

    @router.post("/{hold_id}/extend")
    async def extend(hold_id: HoldId, asked: ExtendRequest, acting: ActingCaller) -> TransferView:
        """Let an open hold reserve until later."""
        operation = ExtendHold(id=asked.id, hold_id=hold_id, expires_at=asked.expires_at, memo=asked.memo)
        return await acts.post(acting, operation)

    @router.post("/{hold_id}/capture")
    async def capture(hold_id: HoldId, asked: CaptureRequest, acting: ActingCaller) -> TransferView:
        """Take all or part of what is held. Once: the transfer's id is the hold's with `:capture`."""
        part_micros = None if asked.amount is None else micros_of("amount", asked.amount)
        operation = Capture(id=f"{hold_id}:capture", hold_id=hold_id, part_micros=part_micros, memo=asked.memo)
        return await acts.post(acting, operation)

    @router.post("/{hold_id}/release")
    async def release(hold_id: HoldId, acting: ActingCaller) -> TransferView:
        """Free what is held. Once: the transfer's id is the hold's with `:release`."""
        return await acts.post(acting, Release(id=f"{hold_id}:release", hold_id=hold_id))

    return router
