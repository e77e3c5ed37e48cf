"""Expiring: what time did to holds and grants is posted as transfers, so that the books and the chain say so.

Each hold and each grant has one expiry, under an id of its own. So any number of processes may do this at once, and a
crash at any point only leaves the rest to the next run. To spend, nobody waits for it: what has expired counts no more
from that instant on.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog

from fogbank.accounts.ledger.errors import GrantEnded, HoldNotOpen
from fogbank.accounts.ledger.model import Transfer
from fogbank.accounts.ledger.posting import due_store
from fogbank.accounts.ledger.posting.due_store import Due
from fogbank.accounts.ledger.posting.operations import ExpireGrant, ExpireHold
from fogbank.accounts.ledger.posting.writer import Writer
from fogbank.runtime.clock import Clock
from fogbank.runtime.database import Database

log = structlog.get_logger(__name__)

AT_ONCE = 1_000
EVER = datetime.min.replace(tzinfo=UTC)
MARKED_AT_ONCE = 10_000
SURELY_OVER = timedelta(hours=1)
"""More than the clocks of two processes differ: after that, no writer takes an expired grant for one that goes on."""


@dataclass(frozen=True, slots=True)
class Expiring:
    """The two jobs. Each raises `LedgerUnavailable` where the ledger is away; the next run goes on."""

    database: Database
    writer: Writer
    clock: Clock

    async def expire_holds(self) -> None:
        """Post the expiry of every open hold whose time is up."""
        await self._settle(due_store.DUE_HOLDS, ExpireHold.of)

    async def expire_grants(self) -> None:
        """Move what is left of every grant whose time is up to promotions, or to breakage where it was bought."""
        await self._settle(due_store.DUE_GRANTS, lambda name: ExpireGrant.of(name.removeprefix("grant:")))
        await self._mark_settled()

    async def _settle(self, query: str, expiry_of: Callable[[str], ExpireHold | ExpireGrant]) -> None:
        now, after = self.clock(), Due(EVER, "")
        while True:
            async with self.database.connection() as connection:
                due = await due_store.read_due(connection, query, now, after, AT_ONCE)
            if not due:
                return
            await self._post([expiry_of(each.id) for each in due])
            after = due[-1]

    async def _mark_settled(self) -> None:
        until = self.clock() - SURELY_OVER
        marked = MARKED_AT_ONCE
        while marked == MARKED_AT_ONCE:
            async with self.database.connection() as connection:
                marked = await due_store.mark_settled(connection, until, MARKED_AT_ONCE)

    async def _post(self, expiries: list[ExpireHold | ExpireGrant]) -> None:
        outcomes = await self.writer.post_all(expiries)
        for expiry, outcome in zip(expiries, outcomes, strict=True):
            # Ended by somebody else since it was read: nothing is left to do.
            if not isinstance(outcome, Transfer | HoldNotOpen | GrantEnded):
                log.error("the ledger refused to expire", id=expiry.id, refusal=str(outcome))
