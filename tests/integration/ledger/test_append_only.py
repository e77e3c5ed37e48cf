"""What is posted stays: for the role that the services work as, for the owner of the tables, and once for all.

All of it is tried on one ledger, which is found sound after each attempt.
"""

from collections.abc import AsyncIterator

import psycopg
import pytest
import pytest_asyncio
from psycopg.errors import CheckViolation, InsufficientPrivilege, RestrictViolation, UniqueViolation
from tests.clock import MovingClock
from tests.integration.ledger.conftest import NOW, emptied
from tests.integration.ledger.worlds import audit, writer_of

from fogbank.accounts.ledger.model import GrantKind
from fogbank.accounts.ledger.posting.operations import (
    Deduct,
    Deposit,
    Freeze,
    GrantCredit,
    PlaceHold,
    Reverse,
    VoidGrant,
)
from fogbank.runtime.database import Database

CHANGES = [
    "UPDATE ledger.transfers SET amount_micros = 1",
    "UPDATE ledger.transfers SET details = '[\"other\"]' WHERE kind = 'reverse'",
    "UPDATE ledger.entries SET amount_micros = amount_micros",
    "UPDATE ledger.batches SET hash = previous_hash",
    "UPDATE ledger.accounts SET name = 'customer:mine' WHERE name = 'customer:org_a'",
    "UPDATE ledger.accounts SET owner_id = 'org_b' WHERE name = 'customer:org_a'",
    "UPDATE ledger.accounts SET expires_at = now() WHERE kind = 'grant'",
    "UPDATE ledger.holds SET amount_micros = 1",
    "UPDATE ledger.holds SET expires_at = '2026-03-11'",
    "DELETE FROM ledger.transfers WHERE id = 'd1'",
    "DELETE FROM ledger.entries",
    "DELETE FROM ledger.batches",
    "DELETE FROM ledger.accounts",
    "DELETE FROM ledger.holds",
    "DELETE FROM ledger.head",
    "TRUNCATE ledger.transfers",
    "TRUNCATE ledger.entries",
    "TRUNCATE ledger.batches",
    "TRUNCATE ledger.accounts",
    "TRUNCATE ledger.holds",
    "TRUNCATE ledger.head",
    "INSERT INTO ledger.head (is_only, batch, sequence, posted_at, hash) VALUES (false, 1, 1, now(), '')",
]
ROWS = """
    SELECT row_to_json(each)::text FROM ledger.transfers AS each
    UNION ALL SELECT row_to_json(each)::text FROM ledger.entries AS each
    UNION ALL SELECT row_to_json(each)::text FROM ledger.batches AS each
    UNION ALL SELECT row_to_json(each)::text FROM ledger.accounts AS each
    UNION ALL SELECT row_to_json(each)::text FROM ledger.holds AS each
    UNION ALL SELECT row_to_json(each)::text FROM ledger.head AS each
    ORDER BY 1
"""
TRANSFER = "SELECT 99, 'again', kind, account_id, 0, 0, 0, 0, 0, '', details FROM ledger.transfers"


@pytest_asyncio.fixture(scope="module")
async def one_of_everything(ledger_url: str) -> AsyncIterator[Database]:
    await emptied(ledger_url)
    clock = MovingClock(NOW)
    async with Database.open(ledger_url) as database:
        async with writer_of(database, clock) as writer:
            for operation in (
                Deposit(id="deposit", account_id="org_a", amount_micros=1_000),
                GrantCredit(id="gift", account_id="org_a", amount_micros=50, grant_kind=GrantKind.PROMOTIONAL),
                GrantCredit(id="void", account_id="org_a", amount_micros=50, grant_kind=GrantKind.PROMOTIONAL),
                VoidGrant(id="voided", grant_id="void"),
                Deduct(id="d1", account_id="org_a", amount_micros=10),
                Reverse(id="r1", transfer_id="d1"),
                PlaceHold(id="hold", account_id="org_a", amount_micros=5, expires_at=NOW.replace(year=2027)),
                Freeze(id="freeze", account_id="org_a", memo="a claim"),
            ):
                await writer.post(operation)
        yield database


@pytest_asyncio.fixture
async def filled(one_of_everything: Database, clock: MovingClock) -> AsyncIterator[Database]:
    """A ledger with one of everything, and as it was at the end."""
    before = await written(one_of_everything)
    yield one_of_everything
    assert await written(one_of_everything) == before
    assert await audit(one_of_everything, clock) == []


async def written(database: Database) -> list[str]:
    """Every row that is posted."""
    async with database.connection() as connection:
        rows = await connection.execute(ROWS)
        return [row for (row,) in await rows.fetchall()]


@pytest.mark.parametrize("statement", CHANGES)
async def test_the_role_of_the_services_may_not_change_what_is_posted(filled: Database, statement: str) -> None:
    with pytest.raises((InsufficientPrivilege, RestrictViolation)):
        async with filled.transaction() as tx:
            await tx.execute(statement)


@pytest.mark.parametrize("statement", [*CHANGES, "SET session_replication_role = replica; DELETE FROM ledger.entries"])
async def test_not_even_the_owner_of_the_tables_can_change_what_is_posted(
    filled: Database, ledger_url: str, statement: str
) -> None:
    assert filled
    async with await psycopg.AsyncConnection.connect(ledger_url) as connection:
        with pytest.raises(RestrictViolation):
            await connection.execute(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO ledger.entries VALUES (999, 1, 5, 5)",
        "UPDATE ledger.accounts SET balance_micros = -1 WHERE name = 'customer:org_a'",
        "UPDATE ledger.accounts SET held_micros = 10000 WHERE name = 'customer:org_a'",
        "UPDATE ledger.accounts SET balance_micros = -1 WHERE name = 'grant:gift'",
        "UPDATE ledger.accounts SET balance_micros = 1 WHERE name = 'arrears:org_a'",
        "UPDATE ledger.accounts SET floor_micros = 1 WHERE name = 'customer:org_a'",
        "UPDATE ledger.accounts SET is_frozen = true WHERE name = 'revenue'",
        "UPDATE ledger.accounts SET is_settled = true WHERE name = 'grant:gift'",
        "UPDATE ledger.accounts SET is_settled = true WHERE name = 'customer:org_a'",
        "UPDATE ledger.accounts SET balance_micros = 1 WHERE name = 'deposits'",
        "UPDATE ledger.accounts SET balance_micros = 1 WHERE name = 'custody'",
        "UPDATE ledger.accounts SET balance_micros = 1 WHERE name = 'write_offs'",
        "UPDATE ledger.accounts SET balance_micros = -1 WHERE name = 'treasury'",
        "UPDATE ledger.accounts SET balance_micros = -1 WHERE name = 'breakage'",
        "INSERT INTO ledger.accounts (name, kind, owner_id, balance_micros) VALUES ('earnings:x', 'earnings', 'x', -1)",
        "INSERT INTO ledger.accounts (name, kind, owner_id) VALUES ('pocket:x', 'pocket', 'x')",
    ],
)
async def test_the_database_refuses_what_the_chart_does_not_have(filled: Database, statement: str) -> None:
    with pytest.raises(CheckViolation):
        async with filled.transaction() as tx:
            await tx.execute(statement)


@pytest.mark.parametrize("kind", ["reverse", "void_grant"])
async def test_the_database_refuses_a_second_reversal_and_a_second_end_of_a_grant(filled: Database, kind: str) -> None:
    with pytest.raises(UniqueViolation):
        async with filled.transaction() as tx:
            await tx.execute(f"INSERT INTO ledger.transfers {TRANSFER} WHERE kind = '{kind}'".encode())
