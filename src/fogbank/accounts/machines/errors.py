"""What machines are refused, as facts."""

from fogbank.accounts.errors import Refusal


class UnknownScopes(Refusal):
    """Scopes that do not exist were asked for."""

    def __init__(self, scopes: frozenset[str]) -> None:
        super().__init__(f"there is no scope {', '.join(sorted(scopes))}")
        self.scopes = scopes


class NotANetwork(Refusal):
    """What was given is no CIDR block, or has bits beside its mask."""

    def __init__(self, text: str) -> None:
        super().__init__(f"'{text}' is no network")
        self.text = text


class EndOutOfReach(Refusal):
    """A key was to end before it begins, or after everybody is gone."""


class LastsLonger(Refusal):
    """A key was to last longer than the key that makes it."""


class WiderNetworks(Refusal):
    """A key was to be used from where the key that makes it may not be."""


class MachineEnded(Refusal):
    """The key or service account was revoked, or has expired: it gets no new secret."""

    def __init__(self, identifier: str) -> None:
        super().__init__(f"'{identifier}' holds no longer")
        self.identifier = identifier


class TokenRequestRefused(Refusal):
    """A token was refused; `error` is the code that RFC 6749 (5.2) has for it, and `detail` one sentence."""

    def __init__(self, error: str, detail: str, *, is_basic: bool = False) -> None:
        super().__init__(detail)
        self.error = error
        self.detail = detail
        self.is_basic = is_basic
