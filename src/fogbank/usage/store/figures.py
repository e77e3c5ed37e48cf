# ruff: noqa: S608 - the SQL is put together from this room's own constants
"""Figures for the audit: the same readings, counted in every place where they must agree."""

from collections.abc import Sequence

from fogbank.usage.model import HOUR_US
from fogbank.usage.store.engine import Engine, Row
from fogbank.usage.store.rollups import sums_of_events
from fogbank.usage.store.schema import METERS, METRICS

SCRATCH = "accepted_again"
MAKE_SCRATCH = f"CREATE TABLE {SCRATCH} AS usage_events"
DROP_SCRATCH = f"DROP TABLE IF EXISTS {SCRATCH} SYNC"

_IDENTITY = "sipHash128(instance_id, period_start_us)"
_CONTENT = f"cityHash64(length_us, org_id, user_id, {', '.join(METRICS)})"

# Equal content is a match; so is another content that was accepted earlier, from a message the queue no longer holds.
ACCEPTED_AND_STORED = f"""
    SELECT countIf(accepted), countIf(accepted AND stored AND (accepted_content = stored_content OR stored_first))
    FROM (
        SELECT
            max(is_accepted) AS accepted, max(NOT is_accepted) AS stored,
            maxIf(content, is_accepted) AS accepted_content, maxIf(content, NOT is_accepted) AS stored_content,
            maxIf(version, NOT is_accepted) > maxIf(version, is_accepted) AS stored_first
        FROM (
            SELECT {_IDENTITY} AS identity, {_CONTENT} AS content, version, true AS is_accepted FROM {SCRATCH} FINAL
            UNION ALL
            SELECT {_IDENTITY}, {_CONTENT}, version, false FROM usage_events FINAL
        )
        GROUP BY identity
    )
"""

_SUMS = ", ".join(f"sum({name})" for name in METERS)

STORED = f"""
    SELECT account_id, sum(events), {_SUMS}
    FROM (
        SELECT if(org_id = '', user_id, org_id) AS account_id, count() AS events, {sums_of_events(METERS)}
        FROM usage_events FINAL
        GROUP BY org_id, user_id
    )
    GROUP BY account_id
"""
WINDOWS = f"SELECT account_id, sum(events), {_SUMS} FROM account_windows FINAL GROUP BY account_id"
DAYS = f"SELECT account_id, sum(events), {_SUMS} FROM account_days FINAL GROUP BY account_id"

# Hours that are still open or dirty are answered from readings, here as in history.
HOURS = f"""
    SELECT account_id, sum(hour_events), {", ".join(f"sum(hour_{name})" for name in METERS)}
    FROM (
        SELECT account_id, events AS hour_events, {", ".join(f"{name} AS hour_{name}" for name in METERS)}
        FROM instance_hours FINAL
        WHERE start_us NOT IN {{dirty_hours:Array(Int64)}}
        UNION ALL
        SELECT if(org_id = '', user_id, org_id) AS account_id, events, {", ".join(METERS)}
        FROM (
            SELECT org_id, user_id, count() AS events, {sums_of_events(METERS)}
            FROM usage_events FINAL
            WHERE intDiv(period_start_us, {HOUR_US}) * {HOUR_US} IN {{dirty_hours:Array(Int64)}}
            GROUP BY org_id, user_id
        )
    )
    GROUP BY account_id
"""


async def accepted_and_stored(engine: Engine) -> tuple[int, int]:
    """How many identities the scratch table holds, and how many of them are stored as they were accepted."""
    [row] = await engine.rows(ACCEPTED_AND_STORED)
    return row[0], row[1]


async def by_account(engine: Engine, sql: str, dirty_hours: Sequence[int] = ()) -> dict[str, Row]:
    """Events, then one sum per meter, of each payer."""
    parameters = {"dirty_hours": list(dirty_hours)} if "{dirty_hours:" in sql else None
    return {account_id: numbers for account_id, *numbers in await engine.rows(sql, parameters)}
