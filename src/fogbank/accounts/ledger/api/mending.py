"""What mends: reversals, write-offs, freezes. For services, and for administrators; always in the activity log."""

from fastapi import APIRouter

from fogbank.accounts.ledger.api.acts import Acts
from fogbank.accounts.ledger.api.guards import ACTED, ACTING, ActingCaller
from fogbank.accounts.ledger.client import LEDGER_PATH, FreezeRequest, ReversalRequest, TransferView, WriteOffRequest
from fogbank.accounts.ledger.model import Force
from fogbank.accounts.ledger.posting.operations import Freeze, Reverse, Unfreeze, WriteOff
from fogbank.accounts.ledger.rendering import micros_of


def mending_routes(acts: Acts) -> APIRouter:
    """What undoes, gives up and stops. Each has an id of its caller's choosing, once."""
    router = APIRouter(prefix=LEDGER_PATH, tags=["ledger"], dependencies=ACTING, responses=ACTED)

    @router.post("/reversals")
    async def reverse(asked: ReversalRequest, acting: ActingCaller) -> TransferView:
        """Undo a transfer by its mirror, once."""
        force = None if asked.force is None else Force(asked.force)
        operation = Reverse(id=asked.id, transfer_id=asked.transfer_id, force=force, memo=asked.memo)
        return await acts.post(acting, operation, is_recorded=True)

    @router.post("/write-offs")
    async def write_off(asked: WriteOffRequest, acting: ActingCaller) -> TransferView:
        """Give up an amount of what an account owes."""
        operation = WriteOff(
            id=asked.id,
            account_id=asked.account_id,
            amount_micros=micros_of("amount", asked.amount),
            memo=asked.memo,
        )
        return await acts.post(acting, operation, is_recorded=True)

    @router.post("/freezes")
    async def freeze(asked: FreezeRequest, acting: ActingCaller) -> TransferView:
        """From now on, let nothing take from an account but charges."""
        operation = Freeze(id=asked.id, account_id=asked.account_id, memo=asked.memo or acting.memo)
        return await acts.post(acting, operation, is_recorded=True)

    @router.post("/unfreezes")
    async def unfreeze(asked: FreezeRequest, acting: ActingCaller) -> TransferView:
        """End a freeze."""
        operation = Unfreeze(id=asked.id, account_id=asked.account_id, memo=asked.memo or acting.memo)
        return await acts.post(acting, operation, is_recorded=True)

    return router
