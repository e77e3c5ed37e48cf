"""What signing in by issuers refuses, as problems."""

from fogbank.accounts.errors import Refusal
from fogbank.accounts.oidc import errors
from fogbank.accounts.signing_in.refusals import SIGN_IN_PROBLEMS
from fogbank.runtime.http.refusals import Rendered, refusals_as_problems
from fogbank.runtime.problems import Problem


def _flow_ended(_refusal: errors.FlowEnded) -> Problem:
    detail = "This sign-in was not begun in this browser, was finished before, or took over ten minutes; begin again."
    return Problem(401, "sign-in-ended", detail)


def _issuer_unreachable(refusal: errors.IssuerUnreachable) -> Problem:
    detail = f"The issuer cannot be asked at the moment; try again, or sign in in another way. {refusal.why}"
    return Problem(503, "issuer-unreachable", detail, headers={"retry-after": "30"})


def _issuer_said_no(refusal: errors.IssuerSaidNo) -> Problem:
    detail = f"The issuer did not let you in ({refusal.error}); begin again, or sign in in another way."
    return Problem(401, "issuer-said-no", detail, extra={"error": refusal.error})


def _identity_refused(refusal: errors.IdentityRefused) -> Problem:
    return Problem(401, "identity-refused", f"What the issuer answered is not accepted. {refusal.why}")


def _address_not_verified(_refusal: errors.AddressNotVerified) -> Problem:
    detail = "The issuer does not vouch for your address, so it opens nothing here; have it confirm the address first."
    return Problem(403, "address-not-verified", detail)


def _domain_not_allowed(_refusal: errors.DomainNotAllowed) -> Problem:
    return Problem(403, "domain-not-allowed", "This issuer does not speak for addresses like yours here.")


def _not_admitted(_refusal: errors.NotAdmitted) -> Problem:
    return Problem(403, "not-admitted", "There is no account for you here; ask somebody who has one to invite you.")


def _confirm_needed(refusal: errors.ConfirmNeeded) -> Problem:
    detail = "You have an account; sign in as always, within ten minutes, and confirm that this is you as well."
    extra = {"confirmation": refusal.confirmation, "issuer": refusal.issuer_name, "email": refusal.email}
    return Problem(401, "confirm-needed", detail, extra=extra)


def _confirmation_ended(_refusal: errors.ConfirmationEnded) -> Problem:
    detail = "There is nothing to confirm for this account in this browser; begin again at the issuer."
    return Problem(409, "confirmation-ended", detail)


def _issuer_taken(_refusal: errors.IssuerTaken) -> Problem:
    return Problem(409, "issuer-taken", "There is an issuer of this URL and client id; remove it first.")


def _issuer_url_refused(refusal: errors.IssuerUrlRefused) -> Problem:
    fault = {"field": "body.url", "reason": refusal.why}
    detail = f"There is no issuer that we can use at this URL. {refusal.why}"
    return Problem(422, "issuer-url-refused", detail, extra={"errors": [fault]})


def _last_way_in(_refusal: errors.LastWayIn) -> Problem:
    detail = "Without this you could not sign in any more; choose a password or add a passkey first."
    return Problem(409, "last-way-in", detail)


OIDC_PROBLEMS: dict[type[Refusal], Rendered] = {
    **SIGN_IN_PROBLEMS,
    errors.FlowEnded: _flow_ended,
    errors.IssuerUnreachable: _issuer_unreachable,
    errors.IssuerSaidNo: _issuer_said_no,
    errors.IdentityRefused: _identity_refused,
    errors.AddressNotVerified: _address_not_verified,
    errors.DomainNotAllowed: _domain_not_allowed,
    errors.NotAdmitted: _not_admitted,
    errors.ConfirmNeeded: _confirm_needed,
    errors.ConfirmationEnded: _confirmation_ended,
    errors.IssuerTaken: _issuer_taken,
    errors.IssuerUrlRefused: _issuer_url_refused,
    errors.LastWayIn: _last_way_in,
}

REFUSALS = refusals_as_problems(OIDC_PROBLEMS)
