# ruff: noqa: S608 - the SQL is put together from this room's own constants
"""Totals for billing: what each payer used in each month, of those that moved."""

from collections.abc import Sequence

from fogbank.usage.store.engine import Engine, Row
from fogbank.usage.store.schema import METERS

MONTH = "toYYYYMM(fromUnixTimestamp64Micro(start_us, 'UTC'))"

# A month is added up from its days, so that what this costs does not grow with the windows of the month.
_TOTALS = f"""
    SELECT account_id, {MONTH} AS month, {", ".join(f"sum({name})" for name in METERS)}
    FROM account_days FINAL
    WHERE {{which}}
    GROUP BY account_id, month
    ORDER BY account_id, month
"""
_MOVED = f"""
    (account_id, {MONTH}) IN (
        SELECT account_id, {MONTH} FROM account_days WHERE revision > {{after:UInt64}} AND revision <= {{until:UInt64}}
    )
"""
TOTALS_CHANGED = _TOTALS.format(which=_MOVED)
TOTALS_OF_ACCOUNT = _TOTALS.format(which="account_id = {account_id:String}")


async def changed(engine: Engine, after: int, until: int) -> Sequence[Row]:
    """Account, month as YYYYMM, then one sum per meter, of those with a revision after `after` and up to `until`."""
    return await engine.rows(TOTALS_CHANGED, {"after": after, "until": until})


async def of_account(engine: Engine, account_id: str) -> Sequence[Row]:
    """The same of one account: all its months."""
    return await engine.rows(TOTALS_OF_ACCOUNT, {"account_id": account_id})
