"""What second factors refuse, as facts. What others' routes meet as well is in `accounts.errors`."""

from fogbank.accounts.errors import Refusal


class WrongCode(Refusal):
    """The code is not the one that counts now, or it was taken before; or a passkey's answer does not hold."""


class NothingToConfirm(Refusal):
    """No seed waits for its first code: it was never asked for, it has been confirmed, or an hour has passed."""


class NoSecondFactor(Refusal):
    """Recovery codes stand in for a second factor, and there is none."""


class PasskeyKnown(Refusal):
    """The passkey is registered already."""


class TooManyPasskeys(Refusal):
    """A person has as many passkeys as they may have."""

    def __init__(self, most: int) -> None:
        super().__init__(f"{most} passkeys are the most")
        self.most = most


class PasskeysUnavailable(Refusal):
    """Our public URL is one that browsers make no passkeys for."""

    def __init__(self, public_url: str) -> None:
        super().__init__(f"no browser makes a passkey for {public_url}")
        self.public_url = public_url
