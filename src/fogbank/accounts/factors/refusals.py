"""What second factors refuse, as problems."""

from fogbank.accounts.errors import Refusal
from fogbank.accounts.factors import errors
from fogbank.accounts.refusals import PROBLEMS
from fogbank.runtime.http.refusals import Rendered, refusals_as_problems
from fogbank.runtime.problems import Problem


def _wrong_code(_refusal: errors.WrongCode) -> Problem:
    detail = "This proof is wrong, or it was used before; a code from an app is good once, so wait for the next one."
    return Problem(403, "wrong-code", detail)


def _nothing_to_confirm(_refusal: errors.NothingToConfirm) -> Problem:
    return Problem(409, "nothing-to-confirm", "No seed waits for its first code; ask for a new one.")


def _no_second_factor(_refusal: errors.NoSecondFactor) -> Problem:
    detail = "Recovery codes stand in for a second factor; set up an app for one-time codes, or a passkey, first."
    return Problem(409, "no-second-factor", detail)


def _passkey_known(_refusal: errors.PasskeyKnown) -> Problem:
    return Problem(409, "passkey-known", "This passkey is registered already.")


def _too_many_passkeys(refusal: errors.TooManyPasskeys) -> Problem:
    detail = f"You have {refusal.most} passkeys, which is the most; delete one that you no longer use."
    return Problem(409, "too-many-passkeys", detail, extra={"most": refusal.most})


def _passkeys_unavailable(refusal: errors.PasskeysUnavailable) -> Problem:
    detail = (
        f"Browsers make passkeys for a name by https only, or for localhost, and not for {refusal.public_url}; "
        "the setting http.public_url says otherwise."
    )
    return Problem(409, "passkeys-unavailable", detail)


FACTOR_PROBLEMS: dict[type[Refusal], Rendered] = {
    **PROBLEMS,
    errors.WrongCode: _wrong_code,
    errors.NothingToConfirm: _nothing_to_confirm,
    errors.NoSecondFactor: _no_second_factor,
    errors.PasskeyKnown: _passkey_known,
    errors.TooManyPasskeys: _too_many_passkeys,
    errors.PasskeysUnavailable: _passkeys_unavailable,
}

REFUSALS = refusals_as_problems(FACTOR_PROBLEMS)
