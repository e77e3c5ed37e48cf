"""A ledger that was written before the whole chart existed: upgraded, its chain still verifies, and it goes on."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import psycopg
import pytest_asyncio
from tests.clock import MovingClock
from tests.integration.ledger.worlds import audit, stored, writer_of
from tests.integration.upgrading import migrate_to

from fogbank.accounts.ledger.posting.operations import Capture, Reverse
from fogbank.runtime.database import Database
from fogbank.runtime.migrations import migrate

POSTED_AT = datetime(2026, 3, 10, 11, tzinfo=UTC)

Line = tuple[Any, ...]

BATCHES: list[tuple[list[Line], list[Line]]] = [
    (
        [
            (1, "d", "deposit", "org_a", 1000, 0, 1000, 0, 1000, "", ""),
            (2, "g", "grant", "org_a", 50, 50, 0, 0, 1050, "", '["promotional",100,null]'),
        ],
        [
            (1, "customer:org_a", 1000, 1000),
            (1, "deposits", -1000, -1000),
            (2, "grant:g", 50, 50),
            (2, "promotions", -50, -50),
        ],
    ),
    (
        [
            (3, "h", "hold", "org_a", 30, 0, 0, 0, 1050, "", '["2026-04-01T00:00:00Z"]'),
            (4, "old", "hold", "org_a", 30, 0, 0, 0, 1050, "", '["2026-03-10T11:30:00Z"]'),
            (5, "c", "charge", "org_a", 60, -50, -10, 0, 990, 'a \\ and a "quote"', ""),
        ],
        [(5, "customer:org_a", -10, 990), (5, "grant:g", -50, 0), (5, "revenue", 60, 60)],
    ),
]
"""Transfers, and entries by name, as the first version wrote them."""

ACCOUNTS = """
    INSERT INTO ledger.accounts (name, kind, owner_id, grant_kind, priority, balance_micros, held_micros) VALUES
        ('customer:org_a', 'customer', 'org_a', NULL, NULL, 990, 30),
        ('arrears:org_a', 'arrears', 'org_a', NULL, NULL, 0, 0),
        ('grant:g', 'grant', 'org_a', 'promotional', 100, 0, 0);
    UPDATE ledger.accounts SET balance_micros = -1000 WHERE name = 'deposits';
    UPDATE ledger.accounts SET balance_micros = -50 WHERE name = 'promotions';
    UPDATE ledger.accounts SET balance_micros = 60 WHERE name = 'revenue';
    INSERT INTO ledger.holds VALUES ('h', 'org_a', 30, '2026-04-01T00:00Z', 'open'),
        ('old', 'org_a', 30, '2026-03-10T11:30Z', 'expired');
"""

INSERT_TRANSFER = "INSERT INTO ledger.transfers VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
INSERT_ENTRIES = """
    INSERT INTO ledger.entries SELECT sequence, number, amount, balance
    FROM unnest(%s::bigint[], %s::text[], %s::bigint[], %s::bigint[]) AS entry (sequence, name, amount, balance)
    JOIN ledger.accounts USING (name)
"""


def written(lines: Sequence[Line]) -> str:
    return "".join("\t".join(str(field).replace("\\", "\\\\") for field in line) + "\n" for line in lines)


def fill(url: str) -> list[bytes]:
    """Write the old batches, each hashed by what the first version documented."""
    hashes = [bytes(32)]
    with psycopg.connect(url) as connection:
        connection.execute(ACCOUNTS.encode())
        for number, (transfers, entries) in enumerate(BATCHES, 1):
            header = f"{number}\t{int(POSTED_AT.timestamp()) * 1_000_000}\t{hashes[-1].hex()}\n"
            hashes.append(sha256((header + written(transfers) + written(entries)).encode()).digest())
            for transfer in transfers:
                connection.execute(INSERT_TRANSFER, transfer)
            connection.execute(INSERT_ENTRIES, [list(column) for column in zip(*entries, strict=True)])
            batch = (number, transfers[0][0], transfers[-1][0], POSTED_AT, hashes[-2], hashes[-1])
            connection.execute("INSERT INTO ledger.batches VALUES (%s, %s, %s, %s, %s, %s)", batch)
        end = (len(BATCHES), 5, POSTED_AT, hashes[-1])
        connection.execute("UPDATE ledger.head SET batch = %s, sequence = %s, posted_at = %s, hash = %s", end)
    return hashes[1:]


@pytest_asyncio.fixture
async def old_hashes(books_url: str) -> AsyncIterator[list[bytes]]:
    await asyncio.to_thread(migrate_to, books_url, "ledger", "0002")
    yield await asyncio.to_thread(fill, books_url)


async def test_an_old_ledger_is_upgraded_still_verifies_and_goes_on(
    books_url: str, old_hashes: list[bytes], clock: MovingClock
) -> None:
    await asyncio.to_thread(migrate, books_url)
    async with Database.open(books_url) as database:
        assert await audit(database, clock) == []
        async with writer_of(database, clock) as writer:
            await writer.post(Capture(id="h:capture", hold_id="h", to_name="earnings:op_x"))
            await writer.post(Reverse(id="undo", transfer_id="c"))
        assert await audit(database, clock) == []
        names = await stored(database)
        assert (names["customer:org_a"].balance, names["grant:g"].balance) == (970, 50)
        async with database.connection() as connection:
            cursor = await connection.execute("SELECT hash FROM ledger.batches WHERE number <= 2 ORDER BY number")
            assert [digest for (digest,) in await cursor.fetchall()] == old_hashes
