"""The audit on a whole system: equal when it is right, and one unit changed behind its back, in any store, is named."""

import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import timedelta
from pathlib import Path

import psycopg

from fogbank.audit.model import Report
from fogbank.runtime.clock import now_utc
from fogbank.runtime.supervisor.run_file import running_system

PATIENCE_SECONDS = 120

RunningUp = Callable[[], AbstractAsyncContextManager[None]]
Fogbank = Callable[..., Awaitable[tuple[int | None, str, str]]]
Audited = Callable[..., Awaitable[Report]]

ONE_MICRO_CREDIT_OF_A_BALANCE = "UPDATE ledger.accounts SET balance_micros = balance_micros + 1 WHERE name = 'revenue'"
ONE_MICRO_CREDIT_OF_AN_ENTRY = """
    UPDATE ledger.entries SET amount_micros = amount_micros + 1
    WHERE ctid = (SELECT ctid FROM ledger.entries ORDER BY sequence, account LIMIT 1)
"""
ONE_WORD_OF_A_TRANSFER = "UPDATE ledger.transfers SET memo = memo || '!' WHERE sequence = 1"
ONE_MICRO_CREDIT_OF_A_CHARGE = """
    UPDATE billing.charges SET amount_micros = amount_micros + 1
    WHERE position = (SELECT min(position) FROM billing.charges)
"""
ONE_READING = """
    DELETE FROM usage_events WHERE (instance_id, period_start_us) IN
        (SELECT instance_id, period_start_us FROM usage_events ORDER BY period_start_us, instance_id LIMIT 1)
"""
ONE_MICRO_UNIT_OF_A_WINDOW = """
    INSERT INTO account_windows
    SELECT * REPLACE (cpu_seconds + 1 AS cpu_seconds, revision + 1 AS revision)
    FROM account_windows FINAL ORDER BY start_us, account_id LIMIT 1
"""
ONE_MICRO_UNIT_OF_AN_HOUR = """
    INSERT INTO instance_hours
    SELECT * REPLACE (memory_gb_seconds + 1 AS memory_gb_seconds, revision + 1 AS revision)
    FROM instance_hours FINAL ORDER BY start_us, instance_id LIMIT 1
"""
ONE_WORD_OF_AN_ACT = "UPDATE accounts.activity SET reason = reason || '!' WHERE number = 1"
TABLES_THAT_REFUSE = (
    *("ledger.accounts", "ledger.entries", "ledger.transfers", "billing.charges"),
    "accounts.activity",
)

ALTER_USAGE_STORE = """
import asyncio, sys
from fogbank.usage.store.engine import Engine

async def alter(dsn, statements):
    async with Engine.open(dsn) as engine:
        for statement in statements:
            await engine.command(statement)

asyncio.run(alter(sys.argv[1], sys.argv[2:]))
"""


async def simulate(fogbank: Fogbank) -> None:
    # Long past, so that its hours are closed: those still open are answered from readings, whatever their rollup says.
    begins = (now_utc() - timedelta(days=2)).strftime("%Y-%m-%dT%H:%M")
    code, _, said = await fogbank("simulate", "--instances", "40", "--events", "4000", "--from", begins)
    assert code == 0, said


async def act(fogbank: Fogbank) -> None:
    """Something that an administrator does, and the activity log keeps."""
    code, _, said = await fogbank("usage", "replay", "--reason", "To have done something.")
    assert code == 0, said


def different(report: Report) -> set[str]:
    return {check.name for check in report.checks if not check.ok}


@asynccontextmanager
async def altered(data_dir: Path, statement: str) -> AsyncIterator[None]:
    """PostgreSQL with a change that no program of ours could make, undone at the end."""
    run = running_system(data_dir)
    assert run is not None
    async with await psycopg.AsyncConnection.connect(run.postgres_url) as connection:
        for table in TABLES_THAT_REFUSE:
            await connection.execute(f"CREATE TEMPORARY TABLE kept_{table.replace('.', '_')} AS TABLE {table}")
            await connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        assert (await connection.execute(statement)).rowcount == 1
        await connection.commit()
        yield
        for table in reversed(TABLES_THAT_REFUSE):
            await connection.execute(f"DELETE FROM {table}")
            kept = f"TABLE kept_{table.replace('.', '_')}"
            await connection.execute(f"INSERT INTO {table} OVERRIDING SYSTEM VALUE {kept}")
            await connection.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        await connection.commit()


def alter_usage_store(data_dir: Path, statements: Sequence[str]) -> None:
    """Change the store of a system that is stopped; in a process of its own, as the engine wants it."""
    dsn = f"chdb://{data_dir / 'usage'}"
    subprocess.run([sys.executable, "-c", ALTER_USAGE_STORE, dsn, *statements], check=True, timeout=PATIENCE_SECONDS)


async def test_one_unit_changed_in_any_store_is_found_and_named(
    data_dir: Path, running_up: RunningUp, fogbank: Fogbank, audited: Audited
) -> None:
    async with running_up():
        await simulate(fogbank)
        await act(fogbank)
        assert different(await audited(PATIENCE_SECONDS)) == set()

        async with altered(data_dir, ONE_MICRO_CREDIT_OF_A_BALANCE):
            assert {"every balance = sum of its entries", "all balances sum to zero"} <= different(await audited())
        async with altered(data_dir, ONE_MICRO_CREDIT_OF_AN_ENTRY):
            found = different(await audited())
            assert {"every transfer sums to zero", "chain of hashes is intact"} <= found
        async with altered(data_dir, ONE_WORD_OF_A_TRANSFER):
            assert different(await audited()) == {"chain of hashes is intact"}
        async with altered(data_dir, ONE_MICRO_CREDIT_OF_A_CHARGE):
            assert {"price of usage = charges", "charges = ledger"} <= different(await audited())

        async with altered(data_dir, ONE_WORD_OF_AN_ACT):
            assert different(await audited()) == {"activity log is intact"}

        assert different(await audited()) == set()

    alter_usage_store(data_dir, [ONE_MICRO_UNIT_OF_A_WINDOW, ONE_MICRO_UNIT_OF_AN_HOUR])
    async with running_up():
        assert {"quantities stored = windows", "quantities stored = hours"} <= different(await audited())

    alter_usage_store(data_dir, [ONE_READING])
    async with running_up():
        assert {"events accepted = stored", "events stored = in windows"} <= different(await audited())
