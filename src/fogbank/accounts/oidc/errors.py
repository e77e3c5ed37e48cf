"""What signing in by issuers refuses, as facts."""

from fogbank.accounts.errors import Refusal


class FlowEnded(Refusal):
    """The sign-in was not begun by us in this browser, has been finished, or was begun more than ten minutes ago."""


class IssuerUnreachable(Refusal):
    """The issuer does not answer, or not as an issuer does; `why` says it in a sentence, for whoever runs us."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class IssuerSaidNo(Refusal):
    """The issuer did not let them in; `error` is its word for it (RFC 6749, 4.1.2.1)."""

    def __init__(self, error: str) -> None:
        super().__init__(error)
        self.error = error


class IdentityRefused(Refusal):
    """What came back is not the issuer's word about this sign-in."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class AddressNotVerified(Refusal):
    """The issuer does not say that it knows the address to be theirs, so it tells us nothing about who they are."""


class DomainNotAllowed(Refusal):
    """The issuer speaks for an address that it may not speak for."""


class NotAdmitted(Refusal):
    """Nobody of this address has an account or an invitation, and the issuer does not bring people in."""


class ConfirmNeeded(Refusal):
    """There is an account of this address; its owner signs in as always, and then confirms with this token."""

    def __init__(self, confirmation: str, issuer_name: str, email: str) -> None:
        super().__init__("the account's owner must confirm")
        self.confirmation = confirmation
        self.issuer_name = issuer_name
        self.email = email


class ConfirmationEnded(Refusal):
    """The confirmation is not for this account, was used, or ten minutes have passed."""


class IssuerTaken(Refusal):
    """There is an issuer of this URL and client id."""


class IssuerUrlRefused(Refusal):
    """We do not ask this URL; `why` says what it must be instead."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class LastWayIn(Refusal):
    """Without this link they could not sign in any more: they have no password and no passkey."""
