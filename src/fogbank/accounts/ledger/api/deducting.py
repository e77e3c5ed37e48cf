"""Taking from accounts: one deduction, or thousands at once. These are the busiest routes, so they are quick."""

from collections.abc import Sequence
from hashlib import sha256
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Header, Request
from pydantic import Field

from fogbank.accounts.ledger.api.acts import Acting, Acts
from fogbank.accounts.ledger.api.guards import REFUSED, VisibleAccount, account_in, reason_in, require_may_take
from fogbank.accounts.ledger.client import (
    ACCOUNTS_PATH,
    DEDUCTIONS_MAX,
    LEDGER_PATH,
    AccountDeduction,
    Deduction,
    DeductionsView,
    DeductRequest,
    TransferView,
)
from fogbank.accounts.ledger.errors import NotAnOperation, Refused
from fogbank.accounts.ledger.posting.operations import Deduct
from fogbank.accounts.ledger.posting.sheet import Outcome
from fogbank.accounts.ledger.rendering import deduction_result, micros_of
from fogbank.runtime.http.caller import AdministratorCaller, CurrentCaller, administrator_caller, current_caller
from fogbank.runtime.http.problems import problem_responses
from fogbank.runtime.http.quick import body_of, invalid, quick
from fogbank.runtime.http.reason import GivenReason

KEY_CHARACTERS_MAX = 255
TAKING = problem_responses(401, 402, 403, 404, 409, 413, 503)
TAKING_MANY = problem_responses(401, 403, 404, 413, 503)

Key = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=KEY_CHARACTERS_MAX,
        pattern=r"^[\x21-\x7e]+$",
        description="Names this deduction for ever. Repeated with the same content it is answered as the first time.",
    ),
]
OfAccount = Annotated[list[Deduction], Field(max_length=DEDUCTIONS_MAX)]
OfAccounts = Annotated[list[AccountDeduction], Field(max_length=DEDUCTIONS_MAX)]

DEDUCT = msgspec.json.Decoder(DeductRequest)
OF_ACCOUNT = msgspec.json.Decoder(Annotated[list[Deduction], msgspec.Meta(max_length=DEDUCTIONS_MAX)])
OF_ACCOUNTS = msgspec.json.Decoder(Annotated[list[AccountDeduction], msgspec.Meta(max_length=DEDUCTIONS_MAX)])


def deducting_routes(acts: Acts) -> APIRouter:
    """What takes from accounts: for services, and for administrators, who say why."""
    router = APIRouter(tags=["ledger"])
    _add_single(router, acts)
    _add_batch_of_account(router, acts)
    _add_batch_of_accounts(router, acts)
    return router


def _add_single(router: APIRouter, acts: Acts) -> None:
    async def arguments(request: Request) -> dict[str, Any]:
        caller = await current_caller(request)
        return {
            "account_id": account_in(request, caller),
            "caller": caller,
            "reason": await reason_in(request),
            "idempotency_key": _key_in(request),
            "asked": await body_of(request, DEDUCT),
        }

    async def deduct(
        account_id: VisibleAccount,
        caller: CurrentCaller,
        reason: GivenReason,
        idempotency_key: Key,
        asked: DeductRequest,
    ) -> TransferView:
        """Take an amount, or nothing: grants first, then credit down to the account's floor."""
        require_may_take(caller)
        acting = Acting.of(caller, reason)
        return await acts.post(acting, _deduct(account_id, idempotency_key, asked.amount, asked.description))

    _add(router, f"{ACCOUNTS_PATH}/{{account_id}}/deduct", deduct, arguments, TAKING)


def _add_batch_of_account(router: APIRouter, acts: Acts) -> None:
    async def arguments(request: Request) -> dict[str, Any]:
        caller = await current_caller(request)
        return {
            "account_id": account_in(request, caller),
            "caller": caller,
            "reason": await reason_in(request),
            "asked": await body_of(request, OF_ACCOUNT),
        }

    async def deduct_batch(
        account_id: VisibleAccount, caller: CurrentCaller, reason: GivenReason, asked: OfAccount
    ) -> DeductionsView:
        """Make up to 10,000 deductions of one account, in order; each is made or refused for itself.

        An item's id is what `Idempotency-Key` is of a deduction alone: its name for ever.
        """
        require_may_take(caller)
        acting = Acting.of(caller, reason)
        return await _deduct_all(acts, acting, [(account_id, item) for item in asked])

    _add(router, f"{ACCOUNTS_PATH}/{{account_id}}/deduct:batch", deduct_batch, arguments, TAKING_MANY)


def _add_batch_of_accounts(router: APIRouter, acts: Acts) -> None:
    async def arguments(request: Request) -> dict[str, Any]:
        caller = await administrator_caller(request, await current_caller(request))
        return {"caller": caller, "reason": await reason_in(request), "asked": await body_of(request, OF_ACCOUNTS)}

    async def deduct_batch_across(
        caller: AdministratorCaller, reason: GivenReason, asked: OfAccounts
    ) -> DeductionsView:
        """The same for any accounts at once."""
        require_may_take(caller)
        acting = Acting.of(caller, reason)
        return await _deduct_all(acts, acting, [(item.account_id, item) for item in asked])

    _add(router, f"{LEDGER_PATH}/deductions:batch", deduct_batch_across, arguments, TAKING_MANY)


def _add(router: APIRouter, path: str, endpoint: Any, arguments: Any, responses: Any) -> None:
    route_class = quick(arguments, REFUSED)
    router.add_api_route(path, endpoint, methods=["POST"], responses=responses, route_class_override=route_class)


async def _deduct_all(
    acts: Acts, acting: Acting, asked: Sequence[tuple[str, Deduction | AccountDeduction]]
) -> DeductionsView:
    """Make those that can be made, and tell of each what became of it."""
    if acting.is_recorded:
        await acts.record_batch(acting, {account_id for account_id, _ in asked}, _summary(asked))
    outcomes: list[Outcome | Deduct] = [_readable(account_id, item) for account_id, item in asked]
    operations = [outcome for outcome in outcomes if isinstance(outcome, Deduct)]
    posted = iter(await acts.service.post_all(operations))
    currency = acts.service.currency
    results = [
        deduction_result(item.id, next(posted) if isinstance(outcome, Deduct) else outcome, currency)
        for (_, item), outcome in zip(asked, outcomes, strict=True)
    ]
    deducted = sum(result.transfer is not None for result in results)
    return DeductionsView(results, deducted=deducted, refused=len(results) - deducted)


def _summary(asked: Sequence[tuple[str, Deduction | AccountDeduction]]) -> dict[str, object]:
    """What a batch is in the log: how many, of how many accounts, and a hash that tells it from all others."""
    digest = sha256(msgspec.json.encode([(account_id, item) for account_id, item in asked])).hexdigest()
    return {"asked": len(asked), "accounts": len({account_id for account_id, _ in asked}), "sha256": digest}


def _readable(account_id: str, item: Deduction | AccountDeduction) -> Deduct | Refused:
    """The operation, or what is wrong with it."""
    try:
        if not _is_key(item.id):
            raise NotAnOperation("id", f"must be 1 to {KEY_CHARACTERS_MAX} printable characters without spaces")
        return _deduct(account_id, item.id, item.amount, item.description)
    except Refused as refused:
        return refused


def _deduct(account_id: str, key: str, amount: str, description: str) -> Deduct:
    return Deduct(
        id=deduction_id(account_id, key),
        account_id=account_id,
        amount_micros=micros_of("amount", amount),
        memo=description,
    )


def deduction_id(account_id: str, key: str) -> str:
    """The transfer's id: keys of one account never meet those of another, and may have any printable character."""
    return f"deduct:{account_id}:{sha256(key.encode()).hexdigest()[:32]}"


def _key_in(request: Request) -> str:
    key: str | None = request.headers.get("idempotency-key")
    if key is None or not _is_key(key):
        raise invalid("header.Idempotency-Key", f"must be 1 to {KEY_CHARACTERS_MAX} printable characters")
    return key


def _is_key(text: str) -> bool:
    return 0 < len(text) <= KEY_CHARACTERS_MAX and text.isascii() and text.isprintable() and " " not in text
