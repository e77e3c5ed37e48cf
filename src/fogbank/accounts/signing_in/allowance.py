"""How many e-mails somebody may have sent: few to one mailbox, and not many from one place, whoever they are for."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from fogbank.accounts.errors import TooManyAttempts
from fogbank.accounts.signing_in.throttle import Window
from fogbank.kernel.networks import address_place

MAILBOX_MAX = 5
"""Of a kind."""
NETWORK_MAX = 30
HOUR = timedelta(hours=1)


class Asked(StrEnum):
    """What somebody asks an e-mail for."""

    SIGN_UP = "sign_up"
    SIGN_UP_AGAIN = "sign_up_again"
    RESET = "reset"
    ADDRESS = "address"


@dataclass(frozen=True, slots=True)
class Allowance:
    """Counts asking, not sending: it is the same for addresses that have an account and for those that have none.

    Each kind is counted apart: a reset of an address without an account sends nothing, and would else keep its owner
    from signing up.
    """

    _mailboxes: Window = field(default_factory=lambda: Window(MAILBOX_MAX, HOUR))
    _networks: Window = field(default_factory=lambda: Window(NETWORK_MAX, HOUR))

    def take(self, asked: Asked, address: str, email: str, now: datetime) -> bool:
        """Whether one more may go to that mailbox; `TooManyAttempts` where the place has asked for enough of any."""
        network, mailbox = address_place(address), f"{asked}:{email.lower()}"
        wait = self._networks.wait(network, now)
        if wait:
            raise TooManyAttempts(wait)
        self._networks.count(network, now)
        is_room = not self._mailboxes.wait(mailbox, now)
        if is_room:
            self._mailboxes.count(mailbox, now)
        return is_room
