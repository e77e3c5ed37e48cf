"""Between the wire and the ledger: credits in and out, transfers as views."""

from fogbank.accounts.ledger.client import ChargeResult, DeductionResult, RefusedCharge, TransferView
from fogbank.accounts.ledger.errors import NotAnOperation, Refused
from fogbank.accounts.ledger.model import Transfer
from fogbank.accounts.ledger.problems import problem_of
from fogbank.kernel.money import NotMoney, credits_from_micros, micros_from_credits
from fogbank.runtime.problems import TYPE_PREFIX


def micros_of(field: str, text: str) -> int:
    """The amount in micro-credits; `NotAnOperation` names the field that is no amount."""
    try:
        return micros_from_credits(text)
    except NotMoney as error:
        raise NotAnOperation(field, f"is no amount: {error}") from None


def transfer_view(transfer: Transfer, currency: str) -> TransferView:
    return TransferView(
        id=transfer.id,
        kind=transfer.kind.value,
        account_id=transfer.account_id,
        currency=currency,
        amount=credits_from_micros(transfer.amount_micros),
        from_grants=credits_from_micros(-transfer.grants_micros),
        from_credit=credits_from_micros(-transfer.credit_micros),
        to_arrears=credits_from_micros(-transfer.arrears_micros),
        balance=credits_from_micros(transfer.balance_micros),
        memo=transfer.memo,
    )


def charge_result(transfer: Transfer) -> ChargeResult:
    return ChargeResult(
        id=transfer.id,
        account_id=transfer.account_id,
        amount=credits_from_micros(transfer.amount_micros),
        from_grants=credits_from_micros(-transfer.grants_micros),
        from_credit=credits_from_micros(-transfer.credit_micros),
        to_arrears=credits_from_micros(-transfer.arrears_micros),
        transfer_id=transfer.id,
    )


def refused_charge(charge_id: str, refused: Refused) -> RefusedCharge:
    problem = problem_of(refused)
    return RefusedCharge(charge_id, problem.status, problem.kind, problem.detail)


def deduction_result(deduction_id: str, outcome: Transfer | Refused, currency: str) -> DeductionResult:
    """What a deduction's caller is told: what it would be told of this one alone."""
    if isinstance(outcome, Transfer):
        return DeductionResult(deduction_id, 200, transfer=transfer_view(outcome, currency))
    problem = problem_of(outcome)
    document = {"type": TYPE_PREFIX + problem.kind, "detail": problem.detail, **problem.extra}
    return DeductionResult(deduction_id, problem.status, problem=document)
