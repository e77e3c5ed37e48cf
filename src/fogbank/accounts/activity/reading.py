"""Reading the log: all of it for administrators, an account's for those whom it concerns."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from fogbank.accounts.activity import store
from fogbank.accounts.activity.model import Entry, Wanted
from fogbank.accounts.errors import NotPermitted
from fogbank.accounts.model import Permission
from fogbank.accounts.organizations.access import require, visible_organization
from fogbank.accounts.organizations.errors import NotActive
from fogbank.runtime.auth import Caller
from fogbank.runtime.database import Database

PAGE = 1_000
NEWEST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Reading:
    """Pages, newest first, and exports, oldest first."""

    database: Database

    async def require(self, caller: Caller, account_id: str) -> None:
        """Oneself, who may in an organisation, and administrators; `NotVisible` or `NotPermitted` for others."""
        if caller.sees_everything or caller.id == account_id:
            return
        async with self.database.connection() as connection:
            organization = await visible_organization(connection, caller, account_id)
            try:
                await require(connection, caller, organization, Permission.READ_ACTIVITY)
            except NotActive:  # once it is closed, its owners read it
                raise NotPermitted(Permission.READ_ACTIVITY) from None

    async def page(self, wanted: Wanted, below: int, limit: int) -> list[Entry]:
        """The wanted entries below number `below`, newest first, at most `limit`."""
        async with self.database.connection() as connection:
            return await store.newest_first(connection, wanted, below, limit)

    async def all(self, wanted: Wanted) -> AsyncIterator[list[Entry]]:
        """The wanted entries that there are now, oldest first, page by page, however many."""
        newest = await self.page(wanted, NEWEST, 1)
        last, above = (newest[0].number if newest else 0), 0
        while above < last:
            async with self.database.connection() as connection:  # not held while a page is sent
                entries = await store.wanted_in_order(connection, wanted, above, last, PAGE)
            if not entries:
                return
            yield entries
            above = entries[-1].number
