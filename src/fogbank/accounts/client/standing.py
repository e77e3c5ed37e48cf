"""Which accounts are not served, for components that act for accounts by themselves, with nobody asking."""

from dataclasses import dataclass, field

import structlog

from fogbank.accounts.client.organizations import StandingsClient
from fogbank.accounts.client.permissions import Status
from fogbank.runtime.problems import Problem

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class NotServed:
    """The accounts that are suspended or closed, as far as their changes were followed; none without a client."""

    standings: StandingsClient | None = None
    _cursor: int = 0
    _status: dict[str, str] = field(default_factory=dict)

    async def follow(self) -> bool:
        """Read what changed since the last time; whether anything did. Where accounts are away, a later time does."""
        before = self._cursor
        try:
            while self.standings is not None:
                page = await self.standings.changed(self._cursor)
                for change in page.changes:
                    self._status[change.account_id] = change.status
                self._cursor = page.cursor
                if not page.changes:
                    break
        except Problem as problem:
            log.warning("standings of accounts not followed", reason=problem.detail)
        return self._cursor != before

    def is_served(self, account_id: str) -> bool:
        """Whether the account is neither suspended nor closed."""
        return self._status.get(account_id, Status.ACTIVE) == Status.ACTIVE

    def is_closed(self, account_id: str) -> bool:
        return self._status.get(account_id) == Status.CLOSED
