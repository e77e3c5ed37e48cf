"""The ledger's routes for accounts: what one has, what it had, and taking from it."""

from hashlib import sha256
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query

from fogbank.accounts.ledger.client import (
    ACCOUNTS_PATH,
    BalanceHistoryView,
    BalanceView,
    DeductRequest,
    StatementView,
    TransferView,
)
from fogbank.accounts.ledger.posting.operations import Deduct
from fogbank.accounts.ledger.problems import REFUSALS
from fogbank.accounts.ledger.rendering import micros_of, transfer_view
from fogbank.accounts.ledger.service import LedgerService
from fogbank.runtime.auth import Caller
from fogbank.runtime.http.caller import CurrentCaller, require_scope
from fogbank.runtime.http.problems import problem_responses
from fogbank.runtime.http.values import Id
from fogbank.runtime.problems import Problem, not_found

READ = "ledger:read"
WRITE = "ledger:write"
DAYS_MAX = 366
LINES_MAX = 1_000

IdempotencyKey = Annotated[
    str,
    Header(
        min_length=1,
        max_length=255,
        pattern=r"^[\x21-\x7e]+$",
        description="Names this deduction for ever. Repeated with the same content it is answered as the first time.",
    ),
]
Days = Annotated[int, Query(ge=1, le=DAYS_MAX, description="How many days, the present one included.")]
Before = Annotated[int | None, Query(ge=1, le=2**63 - 1, description="`next_cursor` of the page before.")]
Limit = Annotated[int, Query(ge=1, le=LINES_MAX, description="How many at most.")]


def visible_account(account_id: Id, caller: CurrentCaller) -> str:
    """The account in the path. Someone else's is 404, not 403: its existence is theirs to tell."""
    if not caller.may_see(account_id):
        raise not_found("account", account_id)
    return account_id


VisibleAccount = Annotated[str, Depends(visible_account)]
MAY_READ = Depends(require_scope(READ))
READING = problem_responses(401, 403, 404)


def account_routes(service: LedgerService) -> APIRouter:
    """What people may ask of the ledger, each of their own accounts."""
    router = APIRouter(prefix=f"{ACCOUNTS_PATH}/{{account_id}}", tags=["ledger"], dependencies=[REFUSALS])

    @router.get("/balance", dependencies=[MAY_READ], responses=READING)
    async def read_balance(account_id: VisibleAccount) -> BalanceView:
        """What the account has, holds and owes."""
        return await service.balance(account_id)

    @router.get("/balance/history", dependencies=[MAY_READ], responses=READING)
    async def read_balance_history(account_id: VisibleAccount, days: Days = 30) -> BalanceHistoryView:
        """The balance at the end of each of the last days, in UTC."""
        return await service.balance_history(account_id, days)

    @router.get("/transfers", dependencies=[MAY_READ], responses=READING)
    async def read_transfers(account_id: VisibleAccount, before: Before = None, limit: Limit = 100) -> StatementView:
        """The account's transfers, the latest first."""
        return await service.statement(account_id, before, limit)

    @router.post("/deduct", responses=problem_responses(401, 402, 403, 404, 409, 503))
    async def deduct(
        account_id: VisibleAccount, asked: DeductRequest, caller: CurrentCaller, idempotency_key: IdempotencyKey
    ) -> TransferView:
        """Take an amount, or nothing: grants first, then credit down to the account's floor."""
        _require_may_deduct(caller)
        operation = Deduct(
            id=deduction_id(account_id, idempotency_key),
            account_id=account_id,
            amount_micros=micros_of("amount", asked.amount),
            memo=asked.description,
        )
        return transfer_view(await service.post(operation), service.currency)

    return router


def deduction_id(account_id: str, idempotency_key: str) -> str:
    """The transfer's id: keys of one account never meet those of another, and may have any printable character."""
    return f"deduct:{account_id}:{sha256(idempotency_key.encode()).hexdigest()[:32]}"


def _require_may_deduct(caller: Caller) -> None:
    if not caller.sees_everything:
        raise Problem(403, "not-permitted", "Only services and administrators may deduct from an account.")
    if not caller.has_scope(WRITE):
        detail = f"This takes the scope '{WRITE}'."
        raise Problem(403, "scope-missing", detail, extra={"scope": WRITE})
