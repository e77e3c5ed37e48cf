"""The ledger's SQL for the audit of what transfers say beyond their entries: ranges, reversals, ends, terms."""

from datetime import datetime

from fogbank.accounts.ledger.auditing.store import NAMED_MAX
from fogbank.accounts.ledger.chart import OWNED_RANGES, SYSTEM_RANGES
from fogbank.runtime.database import Connection

OUT_OF_RANGE = """
    SELECT name FROM ledger.accounts AS account
    LEFT JOIN unnest(%(keys)s::text[], %(leasts)s::bigint[], %(mosts)s::bigint[]) AS chart (key, least, most)
        ON key = CASE kind WHEN 'system' THEN name ELSE kind END
    WHERE key IS NULL OR balance_micros NOT BETWEEN least AND most
        OR kind = 'customer' AND balance_micros - held_micros < floor_micros
    ORDER BY name LIMIT %(limit)s
"""

UNMIRRORED_REVERSALS = """
    WITH pair AS (
        SELECT reversal.sequence, reversal.id, reversal.details::jsonb ->> 1 IS NOT NULL AS is_forced,
            reversed.sequence AS reversed_sequence
        FROM ledger.transfers AS reversal
        LEFT JOIN ledger.transfers AS reversed ON reversed.id = reversal.details::jsonb ->> 0
        WHERE reversal.kind = 'reverse'
    ), unmirrored AS (
        SELECT pair.sequence, account
        FROM pair, LATERAL (VALUES (sequence), (reversed_sequence)) AS side (sequence)
        JOIN ledger.entries AS entry ON entry.sequence = side.sequence
        GROUP BY pair.sequence, account HAVING sum(entry.amount_micros) <> 0
    )
    SELECT id FROM pair
    WHERE reversed_sequence IS NULL OR reversed_sequence >= sequence OR EXISTS (
        SELECT FROM unmirrored JOIN ledger.accounts ON number = account
        WHERE unmirrored.sequence = pair.sequence
            AND NOT (is_forced AND (kind IN ('customer', 'grant', 'arrears') OR name = 'write_offs'))
    )
    ORDER BY sequence LIMIT %(limit)s
"""

UNSETTLED = """
    SELECT name FROM (
        SELECT expires_at, 'hold:' || id FROM ledger.holds WHERE state = 'open' AND expires_at <= %(settled_before)s
        UNION ALL
        SELECT expires_at, name FROM ledger.accounts
        WHERE kind = 'grant' AND expires_at <= %(settled_before)s AND balance_micros > 0
        UNION ALL
        SELECT expires_at, name FROM ledger.accounts AS account
        WHERE kind = 'grant' AND balance_micros > 0 AND EXISTS (
            SELECT FROM ledger.transfers AS ending
            WHERE ending.kind IN ('void_grant', 'expire_grant')
                AND ending.details::jsonb ->> 0 = substr(account.name, 7)
        )
    ) AS unsettled (expires_at, name)
    ORDER BY expires_at, name LIMIT %(limit)s
"""

DIFFERING_TERMS = """
    WITH said AS (
        SELECT DISTINCT ON (account_id, kind = 'limit') account_id, kind, amount_micros
        FROM ledger.transfers WHERE kind IN ('limit', 'freeze', 'unfreeze')
        ORDER BY account_id, kind = 'limit', sequence DESC
    )
    SELECT name FROM ledger.accounts AS account WHERE kind = 'customer' AND (
        is_frozen <> EXISTS (SELECT FROM said WHERE account_id = owner_id AND said.kind = 'freeze')
        OR -floor_micros <> coalesce(
            (SELECT amount_micros FROM said WHERE account_id = owner_id AND said.kind = 'limit'), 0
        )
    )
    ORDER BY name LIMIT %(limit)s
"""

DIFFERING_OWNERS = """
    SELECT name FROM ledger.accounts AS account
    WHERE kind IN ('customer', 'arrears', 'earnings') AND name <> kind || ':' || owner_id
        OR kind = 'grant' AND NOT EXISTS (
            SELECT FROM ledger.transfers AS given
            WHERE given.id = substr(name, 7) AND given.kind = 'grant' AND given.account_id = owner_id
                AND given.details::jsonb ->> 0 = grant_kind AND (given.details::jsonb ->> 1)::integer = priority
                AND (given.details::jsonb ->> 2)::timestamptz IS NOT DISTINCT FROM expires_at
        )
    ORDER BY name LIMIT %(limit)s
"""

# Before revision 0003, the expiry of a hold was no transfer.
DIFFERING_HOLD_STATES = """
    WITH ended AS (
        SELECT details::jsonb ->> 0 AS hold_id, kind FROM ledger.transfers
        WHERE kind IN ('capture', 'release', 'expire_hold')
    ), extended AS (
        SELECT details::jsonb ->> 0 AS hold_id, max((details::jsonb ->> 1)::timestamptz) AS until
        FROM ledger.transfers WHERE kind = 'extend_hold' GROUP BY 1
    )
    SELECT 'hold:' || coalesce(hold.id, ended.hold_id) FROM ledger.holds AS hold
    FULL JOIN ended ON ended.hold_id = hold.id
    LEFT JOIN ledger.transfers AS placed ON placed.id = hold.id
    LEFT JOIN extended ON extended.hold_id = hold.id
    WHERE (placed.kind, placed.account_id, placed.amount_micros)
            IS DISTINCT FROM ('hold', hold.account_id, hold.amount_micros)
        OR coalesce(ended.kind, CASE state WHEN 'expired' THEN 'expire_hold' ELSE 'none' END) <> CASE state
            WHEN 'captured' THEN 'capture' WHEN 'released' THEN 'release' WHEN 'expired' THEN 'expire_hold'
            ELSE 'none' END
        OR hold.expires_at IS DISTINCT FROM coalesce(extended.until, (placed.details::jsonb ->> 0)::timestamptz)
    ORDER BY 1 LIMIT %(limit)s
"""


async def names_out_of_range(connection: Connection) -> list[str]:
    """The first of the ledger accounts that are not in the chart, or not where it lets them be."""
    ranges = {**SYSTEM_RANGES, **OWNED_RANGES}
    leasts, mosts = zip(*ranges.values(), strict=True)
    parameters = {"keys": list(ranges), "leasts": list(leasts), "mosts": list(mosts), "limit": NAMED_MAX}
    return [name for (name,) in await (await connection.execute(OUT_OF_RANGE, parameters)).fetchall()]


async def names_of(connection: Connection, query: str, settled_before: datetime) -> list[str]:
    """The first of what one of the other queries finds wrong; what expired after `settled_before` may still wait."""
    cursor = await connection.execute(query, {"limit": NAMED_MAX, "settled_before": settled_before})
    return [name for (name,) in await cursor.fetchall()]
