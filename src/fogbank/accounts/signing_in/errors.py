"""What signing in refuses, as facts. Wrong credentials and too many attempts are in `accounts.errors`."""

from fogbank.accounts.errors import Refusal
from fogbank.accounts.signing_in.rules.weakness import Weakness


class SecondFactorNeeded(Refusal):
    """The first factor was right; the challenge is answered by one of the methods, within five minutes."""

    def __init__(self, challenge: str, methods: frozenset[str]) -> None:
        super().__init__(f"one of {', '.join(sorted(methods))} is needed")
        self.challenge = challenge
        self.methods = methods


class WrongSecondFactor(Refusal):
    """That was not it; `attempts_left` may follow with the same challenge."""

    def __init__(self, attempts_left: int) -> None:
        super().__init__(f"wrong; {attempts_left} attempts are left")
        self.attempts_left = attempts_left


class WeakPassword(Refusal):
    """A new password is one that is guessed too easily."""

    def __init__(self, weakness: Weakness) -> None:
        super().__init__(weakness)
        self.weakness = weakness


class SignUpClosed(Refusal):
    """Nobody signs up here by themselves: by setting, or because no e-mail could be sent to confirm an address."""

    def __init__(self, *, has_mail: bool) -> None:
        super().__init__("by invitation only" if has_mail else "there is no mail server")
        self.has_mail = has_mail


class NoMail(Refusal):
    """What was asked for goes by e-mail, and none can be sent."""


class SignInAgain(Refusal):
    """It takes a session that was opened just now."""
