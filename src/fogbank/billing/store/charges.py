"""Lines and charges: what was metered and priced, and every revision of what was charged for it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
from psycopg.types.json import Json

from fogbank.billing.model import Charge, Line, LineKey, StoredCharge
from fogbank.kernel.ids import AccountId
from fogbank.kernel.meters import Meter
from fogbank.kernel.money import Micros
from fogbank.kernel.quantities import Quantity
from fogbank.runtime.database import Connection

ONE_VIEW = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"

LOCK_CURSOR = "SELECT cursor FROM billing.usage_cursor FOR UPDATE"
SELECT_CURSOR = "SELECT cursor FROM billing.usage_cursor"
UPDATE_CURSOR = "UPDATE billing.usage_cursor SET cursor = %(cursor)s"

SELECT_LINES_OF_ACCOUNTS = """
    SELECT account_id, month_start_at, meter, price_book_version, quantity, cost_micros, charged_micros, revision
    FROM billing.lines
    WHERE (account_id, month_start_at) IN (SELECT * FROM unnest(%(accounts)s::text[], %(months)s::timestamptz[]))
    ORDER BY account_id, month_start_at, meter
"""

SELECT_WAITING_LINES = """
    SELECT account_id, month_start_at, meter, price_book_version, quantity, cost_micros, charged_micros, revision
    FROM billing.lines
    WHERE charged_micros <> cost_micros AND month_start_at < %(before)s
    ORDER BY account_id, month_start_at, meter
"""

SELECT_ALL_LINES = """
    SELECT account_id, month_start_at, meter, price_book_version, quantity, cost_micros, charged_micros, revision
    FROM billing.lines ORDER BY account_id, month_start_at, meter
"""

# A month whose charges are not yet the price of its totals, or not all posted, will still be on an invoice.
SELECT_OLDEST_UNSETTLED = """
    SELECT least(
        (SELECT min(month_start_at) FROM billing.lines WHERE charged_micros <> cost_micros),
        (SELECT min(month_start_at) FROM billing.charges WHERE posted_at IS NULL)
    )
"""

UPSERT_LINES = """
    INSERT INTO billing.lines (
        account_id, month_start_at, meter, price_book_version, quantity, cost_micros, charged_micros, revision
    )
    SELECT account_id, month_start_at, meter, price_book_version, quantity, cost_micros, charged_micros, revision
    FROM json_to_recordset(%(rows)s) AS line (
        account_id text, month_start_at timestamptz, meter text, price_book_version integer, quantity numeric,
        cost_micros bigint, charged_micros bigint, revision integer
    )
    ON CONFLICT (account_id, month_start_at, meter) DO UPDATE SET
        quantity = excluded.quantity, cost_micros = excluded.cost_micros,
        charged_micros = excluded.charged_micros, revision = excluded.revision
"""

INSERT_CHARGES = """
    INSERT INTO billing.charges (
        id, account_id, month_start_at, meter, revision, price_book_version, quantity, cost_micros, amount_micros,
        written_at
    )
    SELECT
        id, account_id, month_start_at, meter, revision, price_book_version, quantity, cost_micros, amount_micros,
        %(now)s
    FROM json_to_recordset(%(rows)s) AS charge (
        id text, account_id text, month_start_at timestamptz, meter text, revision integer, price_book_version integer,
        quantity numeric, cost_micros bigint, amount_micros bigint
    )
"""

SELECT_UNPOSTED = """
    SELECT
        position, account_id, month_start_at, meter, revision, price_book_version, quantity, cost_micros, amount_micros,
        written_at, posted_at, transfer_id
    FROM billing.charges
    WHERE posted_at IS NULL AND position > %(after)s ORDER BY position LIMIT %(limit)s
"""

MARK_POSTED = """
    UPDATE billing.charges SET posted_at = %(now)s, transfer_id = posted.transfer_id
    FROM unnest(%(ids)s::text[], %(transfers)s::text[]) AS posted (id, transfer_id)
    WHERE charges.id = posted.id AND charges.posted_at IS NULL
"""

SELECT_CHARGES_OF_ACCOUNT = """
    SELECT
        position, account_id, month_start_at, meter, revision, price_book_version, quantity, cost_micros, amount_micros,
        written_at, posted_at, transfer_id
    FROM billing.charges
    WHERE account_id = %(account_id)s AND position < %(before)s ORDER BY position DESC LIMIT %(limit)s
"""

SUM_CHARGES = """
    SELECT account_id, month_start_at, meter, sum(amount_micros)::bigint,
        coalesce(sum(amount_micros) FILTER (WHERE posted_at IS NOT NULL), 0)::bigint
    FROM billing.charges GROUP BY account_id, month_start_at, meter
"""


async def one_view(tx: Connection) -> None:
    """Let everything that `tx` reads be of one instant. First thing in a transaction."""
    await tx.execute(ONE_VIEW)


async def cursor(tx: Connection) -> int:
    """The usage cursor that everything written so far is up to."""
    return await _one(tx, SELECT_CURSOR)


async def lock_cursor(tx: Connection) -> int:
    """The same, held until `tx` ends: only one writer of charges at a time."""
    return await _one(tx, LOCK_CURSOR)


async def advance_cursor(tx: Connection, to: int) -> None:
    await tx.execute(UPDATE_CURSOR, {"cursor": to})


async def lines_of(tx: Connection, payer_months: Iterable[tuple[str, datetime]]) -> dict[LineKey, Line]:
    """All lines of these accounts' months."""
    pairs = list(payer_months)
    parameters = {"accounts": [pair[0] for pair in pairs], "months": [pair[1] for pair in pairs]}
    return await _lines(tx, SELECT_LINES_OF_ACCOUNTS, parameters)


async def waiting_lines(tx: Connection, before: datetime) -> dict[LineKey, Line]:
    """Lines of months that began before `before` whose cost is not what was charged."""
    return await _lines(tx, SELECT_WAITING_LINES, {"before": before})


async def all_lines(tx: Connection) -> dict[LineKey, Line]:
    return await _lines(tx, SELECT_ALL_LINES, {})


async def oldest_unsettled(tx: Connection) -> datetime | None:
    """The start of the oldest month with a charge that is due and not made, or made and not posted."""
    row = await (await tx.execute(SELECT_OLDEST_UNSETTLED)).fetchone()
    return None if row is None or row[0] is None else row[0].astimezone(UTC)


async def write(tx: Connection, lines: Sequence[Line], charges: Sequence[Charge], now: datetime) -> None:
    """Bring lines to what they are now, and add the charges that did it."""
    if lines:
        await tx.execute(UPSERT_LINES, {"rows": _rows(_line_row(line) for line in lines)})
    if charges:
        await tx.execute(INSERT_CHARGES, {"rows": _rows(_charge_row(charge) for charge in charges), "now": now})


async def unposted(tx: Connection, after: int, limit: int) -> list[StoredCharge]:
    """Charges that the ledger is not known to have, oldest first, beyond position `after`."""
    return await _charges(tx, SELECT_UNPOSTED, {"after": after, "limit": limit})


async def mark_posted(tx: Connection, transfers: Mapping[str, str], now: datetime) -> None:
    """Note that the ledger has these charges, by id, and under which transfers."""
    await tx.execute(MARK_POSTED, {"ids": list(transfers), "transfers": list(transfers.values()), "now": now})


async def charges_of(tx: Connection, account_id: AccountId, before: int, limit: int) -> list[StoredCharge]:
    """An account's charges before position `before`, newest first."""
    return await _charges(tx, SELECT_CHARGES_OF_ACCOUNT, {"account_id": account_id, "before": before, "limit": limit})


async def charged_sums(tx: Connection) -> dict[LineKey, tuple[Micros, Micros]]:
    """Per line, the sum of its charges, and of those that were posted."""
    rows = await (await tx.execute(SUM_CHARGES)).fetchall()
    return {_key(account, month, meter): (charged, posted) for account, month, meter, charged, posted in rows}


async def _one(tx: Connection, query: str) -> int:
    row = await (await tx.execute(query)).fetchone()
    assert row is not None, "the migration made this row"
    return int(row[0])


async def _lines(tx: Connection, query: str, parameters: Mapping[str, Any]) -> dict[LineKey, Line]:
    rows = await (await tx.execute(query, parameters)).fetchall()
    lines = [
        Line(_key(account, month, meter), version, Quantity(int(quantity)), cost, charged, revision)
        for account, month, meter, version, quantity, cost, charged, revision in rows
    ]
    return {line.key: line for line in lines}


async def _charges(tx: Connection, query: str, parameters: Mapping[str, Any]) -> list[StoredCharge]:
    rows = await (await tx.execute(query, parameters)).fetchall()
    return [
        StoredCharge(
            row[0],
            Charge(_key(row[1], row[2], row[3]), row[4], row[5], Quantity(int(row[6])), row[7], row[8]),
            *row[9:12],
        )
        for row in rows
    ]


def _key(account_id: str, month_start_at: datetime, meter: str) -> LineKey:
    return LineKey(AccountId(account_id), month_start_at.astimezone(UTC), Meter(meter))


def _rows(rows: Iterable[Mapping[str, object]]) -> Json:
    """Many rows as one parameter: as arrays, element by element, they cost several times as much."""
    return Json(list(rows), dumps=msgspec.json.encode)


def _line_row(line: Line) -> Mapping[str, object]:
    return {
        **line.key._asdict(),
        "price_book_version": line.price_book_version,
        "quantity": line.quantity,
        "cost_micros": line.cost_micros,
        "charged_micros": line.charged_micros,
        "revision": line.revision,
    }


def _charge_row(charge: Charge) -> Mapping[str, object]:
    return {
        **charge.key._asdict(),
        "id": charge.id,
        "revision": charge.revision,
        "price_book_version": charge.price_book_version,
        "quantity": charge.quantity,
        "cost_micros": charge.cost_micros,
        "amount_micros": charge.amount_micros,
    }
