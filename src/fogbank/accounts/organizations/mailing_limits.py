"""How many invitations are mailed in an hour: whoever makes an organisation could have anybody written to."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from fogbank.accounts.organizations.errors import InvitedTooOften
from fogbank.accounts.signing_in.throttle import Window

MAILBOX_MAX = 5
"""Of all organisations together."""
INVITER_MAX = 100
"""Twice as many as one organisation may have open."""
HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class MailingLimits:
    """Counts in memory, what was mailed only."""

    _mailboxes: Window = field(default_factory=lambda: Window(MAILBOX_MAX, HOUR))
    _inviters: Window = field(default_factory=lambda: Window(INVITER_MAX, HOUR))

    def take(self, inviter_id: str, email: str, now: datetime) -> None:
        """Count one; `InvitedTooOften` where there is no room for it."""
        mailbox = email.lower()
        wait = max(self._mailboxes.wait(mailbox, now), self._inviters.wait(inviter_id, now))
        if wait:
            raise InvitedTooOften(wait)
        self._mailboxes.count(mailbox, now)
        self._inviters.count(inviter_id, now)
