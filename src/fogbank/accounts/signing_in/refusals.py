"""What signing in refuses, as problems."""

from fogbank.accounts.errors import Refusal
from fogbank.accounts.refusals import PROBLEMS
from fogbank.accounts.signing_in import errors
from fogbank.accounts.signing_in.rules.weakness import SENTENCES
from fogbank.runtime.http.refusals import Rendered, refusals_as_problems
from fogbank.runtime.problems import Problem


def _second_factor_needed(refusal: errors.SecondFactorNeeded) -> Problem:
    detail = "One more step: answer the challenge with a second factor, within five minutes."
    extra = {"challenge": refusal.challenge, "methods": sorted(refusal.methods)}
    return Problem(401, "second-factor-needed", detail, extra=extra)


def _wrong_second_factor(refusal: errors.WrongSecondFactor) -> Problem:
    left = refusal.attempts_left
    detail = "That was not it; try again." if left else "That was not it; begin again with your password."
    return Problem(401, "wrong-second-factor", detail, extra={"attempts_left": left})


def _weak_password(refusal: errors.WeakPassword) -> Problem:
    return Problem(422, "weak-password", SENTENCES[refusal.weakness], extra={"weakness": str(refusal.weakness)})


def _sign_up_closed(refusal: errors.SignUpClosed) -> Problem:
    if refusal.has_mail:
        return Problem(403, "sign-up-closed", "Accounts are made by invitation here; ask somebody who has one.")
    detail = "Nobody can sign up, since no e-mail can be sent to confirm an address; the operator sets smtp.host."
    return Problem(403, "sign-up-closed", detail)


def _no_mail(_refusal: errors.NoMail) -> Problem:
    detail = "No e-mail can be sent at the moment; ask an administrator for a sign-in link, or try again later."
    return Problem(503, "no-mail", detail)


def _sign_in_again(_refusal: errors.SignInAgain) -> Problem:
    return Problem(403, "sign-in-again", "This takes a session that was opened within the hour; sign in again first.")


SIGN_IN_PROBLEMS: dict[type[Refusal], Rendered] = {
    **PROBLEMS,
    errors.SecondFactorNeeded: _second_factor_needed,
    errors.WrongSecondFactor: _wrong_second_factor,
    errors.WeakPassword: _weak_password,
    errors.SignUpClosed: _sign_up_closed,
    errors.NoMail: _no_mail,
    errors.SignInAgain: _sign_in_again,
}

REFUSALS = refusals_as_problems(SIGN_IN_PROBLEMS)
