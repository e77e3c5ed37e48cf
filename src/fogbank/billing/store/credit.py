"""Where each payer's credit stands, and the signals that tell when that changed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec
from psycopg.types.json import Jsonb

from fogbank.billing.model import CreditState
from fogbank.events.signals import Signal
from fogbank.kernel.ids import AccountId
from fogbank.runtime.database import Connection

WATCH_ONCE = """
    INSERT INTO billing.credit_states (account_id, state, check_at)
    SELECT account_id, 'ok', %(now)s FROM unnest(%(accounts)s::text[]) AS account_id
    ON CONFLICT (account_id) DO NOTHING
"""

HURRY = """
    UPDATE billing.credit_states SET check_at = %(now)s
    WHERE account_id = ANY (%(accounts)s) AND state <> 'exhausted' AND check_at > %(now)s
"""

SELECT_STATE = "SELECT state FROM billing.credit_states WHERE account_id = %(account_id)s"

SELECT_TO_CHECK = """
    SELECT account_id, state, crossings FROM billing.credit_states
    WHERE check_at <= %(now)s ORDER BY check_at LIMIT %(limit)s
"""

UPDATE_STATE = """
    UPDATE billing.credit_states
    SET state = %(state)s, crossings = %(crossings)s, check_at = %(check_at)s
    WHERE account_id = %(account_id)s AND crossings = %(crossings_before)s
    RETURNING account_id
"""

INSERT_SIGNAL = """
    INSERT INTO billing.signals (id, type, account_id, occurred_at, data)
    VALUES (%(id)s, %(type)s, %(account_id)s, %(occurred_at)s, %(data)s)
"""

SELECT_UNSENT = """
    SELECT id, type, account_id, occurred_at, data FROM billing.signals
    WHERE sent_at IS NULL ORDER BY occurred_at, id LIMIT %(limit)s
"""

MARK_SENT = "UPDATE billing.signals SET sent_at = %(now)s WHERE id = %(id)s"


@dataclass(frozen=True, slots=True)
class WatchedCredit:
    """An account's state as it was found, and how often it has crossed from one to another."""

    account_id: AccountId
    state: CreditState
    crossings: int


async def watch(tx: Connection, accounts: Iterable[str], now: datetime) -> None:
    """Watch the credit of these accounts from now on."""
    await tx.execute(WATCH_ONCE, {"accounts": sorted(set(accounts)), "now": now})


async def hurry(tx: Connection, accounts: Iterable[str], now: datetime) -> None:
    """Look at these accounts next, since something happened to their credit."""
    await tx.execute(HURRY, {"accounts": sorted(set(accounts)), "now": now})


async def state_of(tx: Connection, account_id: AccountId) -> CreditState:
    row = await (await tx.execute(SELECT_STATE, {"account_id": account_id})).fetchone()
    return CreditState(row[0]) if row else CreditState.OK


async def to_check(tx: Connection, now: datetime, limit: int) -> Sequence[WatchedCredit]:
    """Accounts whose credit is to be looked at, those that wait longest first."""
    rows = await (await tx.execute(SELECT_TO_CHECK, {"now": now, "limit": limit})).fetchall()
    return [WatchedCredit(AccountId(account), CreditState(state), crossings) for account, state, crossings in rows]


async def update(tx: Connection, before: WatchedCredit, after: WatchedCredit, check_at: datetime) -> bool:
    """Note the state as it is now; False where somebody else noted a crossing meanwhile."""
    updated = await tx.execute(
        UPDATE_STATE,
        {
            "account_id": before.account_id,
            "state": after.state,
            "crossings": after.crossings,
            "crossings_before": before.crossings,
            "check_at": check_at,
        },
    )
    return await updated.fetchone() is not None


async def add_signal(tx: Connection, signal: Signal) -> None:
    """Keep a signal to be sent, in the transaction of what it tells."""
    await tx.execute(INSERT_SIGNAL, {**msgspec.structs.asdict(signal), "data": Jsonb(signal.data)})


async def unsent(tx: Connection, limit: int) -> list[Signal]:
    rows = await (await tx.execute(SELECT_UNSENT, {"limit": limit})).fetchall()
    return [
        msgspec.convert(
            {
                "id": signal_id,
                "type": signal_type,
                "account_id": account_id,
                "occurred_at": occurred_at.astimezone(UTC).isoformat(),
                "data": data,
            },
            Signal,
        )
        for signal_id, signal_type, account_id, occurred_at, data in rows
    ]


async def mark_sent(tx: Connection, signal_id: str, now: datetime) -> None:
    await tx.execute(MARK_SENT, {"id": signal_id, "now": now})
