"""Puts the pages of credit together: what there is now, a statement, and one transfer."""

import asyncio
from collections.abc import AsyncIterator, Mapping

from fogbank.accounts.ledger.client.records import RecordsClient
from fogbank.portal.credit.period import Period, read_period, usual_periods
from fogbank.portal.export import begun
from fogbank.portal.page import Context
from fogbank.portal.views.credit.balance import balance_of, hold_rows
from fogbank.portal.views.credit.statement import statement_of, transfer_of
from fogbank.portal.views.missing import Missing
from fogbank.portal.visit import Visit

PATH = "/credit"
STATEMENT = "/credit/statement"
TRANSFER = "/credit/transfer"
COMPONENT = "The ledger"
LINES = 50
HOLDS = 20


def records(visit: Visit) -> RecordsClient:
    return RecordsClient(visit.desk.ledger.http)


async def context(visit: Visit) -> Context:
    account_id, answer = visit.account.id, visit.desk.answer
    balance, open_holds, ended, shell = await asyncio.gather(
        answer(COMPONENT, visit.desk.ledger.balance(account_id)),
        answer(COMPONENT, records(visit).holds(account_id, state="open", limit=HOLDS)),
        answer(COMPONENT, records(visit).holds(account_id, state="ended", limit=HOLDS)),
        visit.shell(PATH),
    )
    is_there = (
        not isinstance(balance, Missing) and not isinstance(open_holds, Missing) and not isinstance(ended, Missing)
    )
    return {
        "shell": shell,
        "account": visit.account,
        "balance": balance if isinstance(balance, Missing) else balance_of(balance, visit.now, visit.formats),
        "holds": [] if isinstance(open_holds, Missing) else hold_rows(open_holds, visit.formats),
        "ended": [] if isinstance(ended, Missing) else hold_rows(ended, visit.formats),
        "is_there": is_there,
        "periods": usual_periods(visit.formats.local(visit.now).date()),
    }


def period_of(visit: Visit, params: Mapping[str, str]) -> Period:
    return read_period(params, visit.formats.local(visit.now).date())


async def statement_context(visit: Visit, period: Period, after: str) -> Context:
    zone = visit.formats.timezone
    asked = visit.desk.ledger.statement(
        visit.account.id, period.start(zone), period.end(zone), after=after or None, limit=LINES, with_sums=not after
    )
    found, shell = await asyncio.gather(visit.desk.answer(COMPONENT, asked), visit.shell(STATEMENT))
    return {
        "shell": shell,
        "account": visit.account,
        "period": period,
        "periods": usual_periods(visit.formats.local(visit.now).date()),
        "statement": found if isinstance(found, Missing) else statement_of(found, visit.formats),
        "after": after,
        "timezone": zone.key,
    }


async def statement_csv(visit: Visit, period: Period) -> AsyncIterator[bytes]:
    """The statement as it comes, its first part there already; raises `Problem`."""
    zone = visit.formats.timezone
    parts = records(visit).statement_csv(visit.account.id, period.start(zone), period.end(zone))
    return await begun(parts)


async def transfer_context(visit: Visit, transfer_id: str) -> Context:
    """`Problem` 404 where the account has no transfer of this id."""
    found, shell = await asyncio.gather(records(visit).transfer(visit.account.id, transfer_id), visit.shell(TRANSFER))
    return {
        "shell": shell,
        "account": visit.account,
        "transfer": transfer_of(found, visit.account.id, visit.formats),
        "sees_all": visit.person.user.is_administrator,
    }
