"""What others still need of usage, so that it stays whatever a policy says."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from fogbank.kernel.periods import microseconds_of
from fogbank.runtime.clock import Clock
from fogbank.usage.retention.errors import NeedUnknown
from fogbank.usage.retention.model import Needed


class Billing(Protocol):
    """What retention asks of billing."""

    async def needed_from(self) -> datetime:
        """From when on usage is needed by an invoice that is not issued; `Problem` where billing does not answer."""
        ...


@dataclass(frozen=True, slots=True)
class Needs:
    """Asks billing; with nobody to ask, everything is needed. The queue holds readings for `queue_days`."""

    billing: Billing | None
    clock: Clock
    queue_days: int

    async def needed(self) -> Needed:
        """What is needed now, never from later than now; `NeedUnknown` or `Problem` where that is not known."""
        if self.billing is None:
            raise NeedUnknown("no billing is there to say what it needs")
        from_us = min(microseconds_of(await self.billing.needed_from()), microseconds_of(self.clock()))
        return Needed(from_us, self.queue_days)
