"""The ledger's SQL for what lies behind: transfers that are to be reversed, and grants by id."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from fogbank.accounts.ledger.model import Grant, GrantKind, Kind, Leg, Transfer, grant_name
from fogbank.accounts.ledger.posting.books import Books
from fogbank.accounts.ledger.posting.literals import text_array
from fogbank.runtime.database import Connection

READ_PAST = """
    SELECT id, kind, account_id, amount_micros, grants_micros, credit_micros, arrears_micros, balance_micros,
        memo, details, (
            SELECT id FROM ledger.transfers AS reversal
            WHERE reversal.kind = 'reverse' AND reversal.details::jsonb ->> 0 = transfer.id
        ) AS reversal_id, ARRAY(
            SELECT account.name FROM ledger.entries AS entry JOIN ledger.accounts AS account
                ON account.number = entry.account
            WHERE entry.sequence = transfer.sequence ORDER BY entry.account
        ) AS names, ARRAY(
            SELECT entry.amount_micros FROM ledger.entries AS entry
            WHERE entry.sequence = transfer.sequence ORDER BY entry.account
        ) AS amounts
    FROM ledger.transfers AS transfer WHERE id = ANY(%s::text[])
"""

READ_GRANTS = """
    SELECT number, name, owner_id, balance_micros, grant_kind, priority, expires_at, EXISTS (
        SELECT FROM ledger.transfers AS ending
        WHERE ending.kind IN ('void_grant', 'expire_grant') AND ending.details::jsonb ->> 0 = substr(account.name, 7)
    ) AS is_ended
    FROM ledger.accounts AS account WHERE name = ANY(%s::text[])
"""


class Past(NamedTuple):
    """A transfer as it was posted, its legs, and by which transfer it was reversed, if it was."""

    transfer: Transfer
    legs: list[Leg]
    reversal_id: str | None


class PastGrant(NamedTuple):
    """A grant as the database has it; `is_ended` where it was voided or its expiry is posted."""

    number: int
    name: str
    owner_id: str
    balance_micros: int
    kind: str
    priority: int
    expires_at: datetime | None
    is_ended: bool


async def read_past(connection: Connection, ids: Sequence[str]) -> list[Past]:
    """The transfers with these ids, those that exist."""
    if not ids:
        return []
    cursor = await connection.execute(READ_PAST, [text_array(ids)])
    return [
        Past(Transfer(row[0], Kind(row[1]), *row[2:10]), list(zip(row[11], row[12], strict=True)), row[10])
        for row in await cursor.fetchall()
    ]


async def read_grants(connection: Connection, ids: Sequence[str]) -> list[PastGrant]:
    """The grants with these ids, those that exist."""
    if not ids:
        return []
    cursor = await connection.execute(READ_GRANTS, [text_array(map(grant_name, ids))])
    return [PastGrant(*row) for row in await cursor.fetchall()]


def take_grant(books: Books, grant: PastGrant) -> None:
    """Take a grant into the books, whose payer is there, unless it came with the payer."""
    grant_id = grant.name.removeprefix("grant:")
    if grant_id not in books.grants:
        books.numbers[grant.name], books.balances[grant.name] = grant.number, grant.balance_micros
        terms = Grant(grant_id, GrantKind(grant.kind), grant.priority, grant.expires_at, age=grant.number)
        books.take_grant(books.owners[grant.owner_id], terms)
        if grant.is_ended:
            books.ended_grants.add(grant_id)
