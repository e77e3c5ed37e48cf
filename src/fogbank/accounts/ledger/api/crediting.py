"""What gives credit, limits it, and moves it between ledger accounts: for services, and for administrators."""

from typing import Annotated

from fastapi import APIRouter, Path

from fogbank.accounts.ledger.api.acts import Acts
from fogbank.accounts.ledger.api.guards import ACTED, ACTING, NAMED_ID, ActingCaller
from fogbank.accounts.ledger.client import (
    LEDGER_PATH,
    CreditLimitRequest,
    DepositRequest,
    GrantRequest,
    TransferRequest,
    TransferView,
    VoidRequest,
)
from fogbank.accounts.ledger.model import GrantKind
from fogbank.accounts.ledger.posting.operations import Deposit, GrantCredit, Post, SetCreditLimit, VoidGrant
from fogbank.accounts.ledger.rendering import micros_of

GrantId = Annotated[str, Path(pattern=NAMED_ID)]


def crediting_routes(acts: Acts) -> APIRouter:
    """Deposits, grants, credit limits and transfers. Each has an id of its caller's choosing, once."""
    router = APIRouter(prefix=LEDGER_PATH, tags=["ledger"], dependencies=ACTING, responses=ACTED)

    @router.post("/deposits")
    async def deposit(asked: DepositRequest, acting: ActingCaller) -> TransferView:
        """Credit money that came in; arrears are settled first."""
        operation = Deposit(
            id=asked.id,
            account_id=asked.account_id,
            amount_micros=micros_of("amount", asked.amount),
            memo=asked.memo,
        )
        return await acts.post(acting, operation)

    @router.post("/credit-limits")
    async def set_credit_limit(asked: CreditLimitRequest, acting: ActingCaller) -> TransferView:
        """Let an account's credit go down to minus the limit."""
        operation = SetCreditLimit(
            id=asked.id, account_id=asked.account_id, amount_micros=micros_of("limit", asked.limit), memo=asked.memo
        )
        return await acts.post(acting, operation)

    @router.post("/transfers")
    async def transfer(asked: TransferRequest, acting: ActingCaller) -> TransferView:
        """Post 2 to 16 legs that sum to zero, over any ledger accounts."""
        legs = tuple((leg.account, micros_of("legs", leg.amount)) for leg in asked.legs)
        return await acts.post(acting, Post(id=asked.id, legs=legs, memo=asked.memo))

    _add_grant_routes(router, acts)
    return router


def _add_grant_routes(router: APIRouter, acts: Acts) -> None:
    @router.post("/grants")
    async def grant(asked: GrantRequest, acting: ActingCaller) -> TransferView:
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
        return await acts.post(acting, operation)

    @router.post("/grants/{grant_id}/void")
    async def void_grant(grant_id: GrantId, asked: VoidRequest, acting: ActingCaller) -> TransferView:
        """End a grant: what is left of it goes back to where it was granted from."""
        operation = VoidGrant(id=asked.id, grant_id=grant_id, memo=asked.memo)
        return await acts.post(acting, operation, is_recorded=True)
