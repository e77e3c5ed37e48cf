"""A client for an account's own records: one transfer, the open holds, and a statement as a file."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime

import httpx

from fogbank.accounts.ledger.client.holds import HoldsView
from fogbank.accounts.ledger.client.paths import ACCOUNTS_PATH
from fogbank.accounts.ledger.client.transfers import PostedTransfer, TransfersView
from fogbank.runtime.client import ServiceHttp, unreachable
from fogbank.runtime.problems import Problem, not_found

FILE_SECONDS = 60.0
"""How long the next part of a file may take."""


@dataclass(frozen=True, slots=True)
class RecordsClient:
    """Reads as one caller, as far as they may."""

    http: ServiceHttp

    async def transfer(self, account_id: str, transfer_id: str) -> PostedTransfer:
        """One transfer of the account; `Problem` 404 where it has none of this id."""
        params = {"id": transfer_id, "limit": 1}
        page = await self.http.get(f"{ACCOUNTS_PATH}/{account_id}/transfers", params=params, as_=TransfersView)
        if not page.transfers:
            raise not_found("transfer", transfer_id)
        return page.transfers[0]

    async def holds(self, account_id: str, *, state: str, limit: int) -> HoldsView:
        """The latest holds that are `open`, or that have `ended`."""
        params = {"state": state, "limit": limit}
        return await self.http.get(f"{ACCOUNTS_PATH}/{account_id}/holds", params=params, as_=HoldsView)

    async def statement_csv(self, account_id: str, start: datetime, end: datetime) -> AsyncIterator[bytes]:
        """The statement of that period as CSV, as it comes; docs/ledger-api.md says what is in it."""
        params = {"from": start.isoformat(), "to": end.isoformat(), "format": "csv"}
        headers = {} if self.http.token is None else {"authorization": f"Bearer {await self.http.token()}"}
        path = f"{ACCOUNTS_PATH}/{account_id}/statement"
        try:
            async with self.http.http.stream(
                "GET", path, params=params, headers=headers, timeout=FILE_SECONDS
            ) as answer:
                if not answer.is_success:
                    raise Problem(answer.status_code, "statement-refused", (await answer.aread()).decode()[:500])
                async for part in answer.aiter_bytes():
                    yield part
        except httpx.TransportError as error:
            raise unreachable(str(self.http.http.base_url), error) from error
