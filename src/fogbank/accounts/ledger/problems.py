"""What the ledger refuses, as problems: the one place where a fact becomes a status."""

from fogbank.accounts.ledger import errors
from fogbank.kernel.money import credits_from_micros
from fogbank.runtime.http.refusals import Rendered, refusals_as_problems
from fogbank.runtime.problems import Problem, not_found


def problem_of(error: errors.LedgerError) -> Problem:
    """The problem that says `error`."""
    return PROBLEMS[type(error)](error)


def _not_an_operation(refused: errors.NotAnOperation) -> Problem:
    detail = f"The request is not valid: {refused.field} {refused.reason}."
    errors_ = [{"field": refused.field, "reason": refused.reason}]
    return Problem(422, "invalid-request", detail, extra={"errors": errors_})


def _balance_too_low(refused: errors.BalanceTooLow) -> Problem:
    amounts = {
        "amount": credits_from_micros(refused.amount_micros),
        "balance": credits_from_micros(refused.balance_micros),
        "available": credits_from_micros(refused.available_micros),
        "floor": credits_from_micros(refused.floor_micros),
    }
    detail = (
        f"Account '{refused.account_id}' has {amounts['available']} available and may go down to {amounts['floor']}, "
        f"so {amounts['amount']} is too much; pay in first, or ask for less."
    )
    return Problem(402, "balance-too-low", detail, extra={"account_id": refused.account_id, **amounts})


def _transfer_conflict(refused: errors.TransferConflict) -> Problem:
    detail = "This id (or Idempotency-Key) was used before with other content; use a new one for something new."
    return Problem(409, "transfer-conflict", detail, extra={"transfer_id": refused.transfer_id})


def _hold_not_found(refused: errors.HoldNotFound) -> Problem:
    return not_found("hold", refused.hold_id)


def _hold_not_open(refused: errors.HoldNotOpen) -> Problem:
    detail = f"Hold '{refused.hold_id}' is {refused.state}, so it can be neither captured nor released."
    return Problem(409, "hold-not-open", detail, extra={"hold_id": refused.hold_id, "state": refused.state})


def _capture_exceeds_hold(refused: errors.CaptureExceedsHold) -> Problem:
    held = credits_from_micros(refused.held_micros)
    detail = f"Hold '{refused.hold_id}' holds {held}, so {credits_from_micros(refused.amount_micros)} is too much."
    return Problem(409, "capture-exceeds-hold", detail, extra={"hold_id": refused.hold_id, "held": held})


def _account_out_of_range(refused: errors.AccountOutOfRange) -> Problem:
    balance = credits_from_micros(refused.balance_micros)
    detail = f"Ledger account '{refused.name}' cannot have a balance of {balance}."
    return Problem(409, "account-out-of-range", detail, extra={"ledger_account": refused.name})


def _account_frozen(refused: errors.AccountFrozen) -> Problem:
    detail = f"Account '{refused.account_id}' is frozen: nothing can be taken from it until it is unfrozen."
    return Problem(409, "account-frozen", detail, extra={"account_id": refused.account_id})


def _account_not_frozen(refused: errors.AccountNotFrozen) -> Problem:
    detail = f"Account '{refused.account_id}' is not frozen, so there is nothing to end."
    return Problem(409, "account-not-frozen", detail, extra={"account_id": refused.account_id})


def _grant_not_found(refused: errors.GrantNotFound) -> Problem:
    return not_found("grant", refused.grant_id)


def _grant_ended(refused: errors.GrantEnded) -> Problem:
    detail = f"Grant '{refused.grant_id}' has expired or was voided; give a new one, or say who bears the rest."
    return Problem(409, "grant-ended", detail, extra={"grant_id": refused.grant_id})


def _not_yet_expired(refused: errors.NotYetExpired) -> Problem:
    detail = f"The time of '{refused.target_id}' is not up yet, so it cannot expire."
    return Problem(409, "not-yet-expired", detail, extra={"id": refused.target_id})


def _transfer_not_found(refused: errors.TransferNotFound) -> Problem:
    return not_found("transfer", refused.transfer_id)


def _not_reversible(refused: errors.NotReversible) -> Problem:
    detail = f"Transfer '{refused.transfer_id}' is of kind {refused.kind}, which has no mirror; post a new one instead."
    return Problem(409, "not-reversible", detail, extra={"transfer_id": refused.transfer_id, "kind": refused.kind})


def _already_reversed(refused: errors.AlreadyReversed) -> Problem:
    detail = f"Transfer '{refused.transfer_id}' was reversed before, by transfer '{refused.reversal_id}'."
    extra = {"transfer_id": refused.transfer_id, "reversal_id": refused.reversal_id}
    return Problem(409, "already-reversed", detail, extra=extra)


def _unavailable(_error: errors.LedgerUnavailable) -> Problem:
    detail = "The ledger could not write this just now. Nothing is half done: repeat it with the same id or key."
    return Problem(503, "ledger-unavailable", detail, headers={"retry-after": "1"})


PROBLEMS: dict[type[errors.LedgerError], Rendered] = {
    errors.NotAnOperation: _not_an_operation,
    errors.BalanceTooLow: _balance_too_low,
    errors.TransferConflict: _transfer_conflict,
    errors.HoldNotFound: _hold_not_found,
    errors.HoldNotOpen: _hold_not_open,
    errors.CaptureExceedsHold: _capture_exceeds_hold,
    errors.AccountOutOfRange: _account_out_of_range,
    errors.AccountFrozen: _account_frozen,
    errors.AccountNotFrozen: _account_not_frozen,
    errors.GrantNotFound: _grant_not_found,
    errors.GrantEnded: _grant_ended,
    errors.NotYetExpired: _not_yet_expired,
    errors.TransferNotFound: _transfer_not_found,
    errors.NotReversible: _not_reversible,
    errors.AlreadyReversed: _already_reversed,
    errors.LedgerUnavailable: _unavailable,
}

REFUSALS = refusals_as_problems(PROBLEMS)
"""For a router's `dependencies=`."""
