"""What keeps retention from dropping anything, as facts."""

from datetime import datetime


class NeedUnknown(RuntimeError):
    """Nobody says from when on invoices need usage, so all of it may be needed."""


class NotAtRest(RuntimeError):
    """Readings of before `before` are stored and not rolled up yet; what they are added up into must not be final."""

    def __init__(self, before: datetime, spans: int) -> None:
        super().__init__(f"{spans} windows and hours of before {before:%Y-%m-%dT%H:%M:%SZ} are not rolled up yet")
        self.before = before
        self.spans = spans
