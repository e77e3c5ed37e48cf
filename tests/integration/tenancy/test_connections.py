"""Connections: a tenant's shows that tenant's rows, nobody's none, and nothing of either stays for who comes next."""

import asyncio
from collections.abc import AsyncIterator

import psycopg
import pytest
import pytest_asyncio
from tests.integration.owning import owning

from fogbank.runtime.auth import Caller, CallerKind
from fogbank.runtime.database import Connection, Database, seeing_every_tenant_in
from fogbank.runtime.tenancy import SYSTEM_ROLE, TENANT_ROLE, called_by, present_tenancy, seeing_every_tenant

ANN = Caller("user_ann", CallerKind.USER, {"org_fog": "owner"})
BOB = Caller("user_bob", CallerKind.USER)
ROOT = Caller("user_root", CallerKind.USER, is_administrator=True)
MACHINE = Caller("machine_1", CallerKind.MACHINE, {"org_fog": "member"})
SERVICE = Caller("billing", CallerKind.SERVICE)

SEEN = "SELECT array_agg(owner_id ORDER BY owner_id) FROM ledger.accounts WHERE name LIKE 'isolation:%'"
STATE = """
    SELECT current_user, coalesce(current_setting('fogbank.tenants', true), ''),
        coalesce(current_setting('fogbank.person', true), '')
"""
CLEAN = (SYSTEM_ROLE, "", "")


@pytest_asyncio.fixture(scope="module")
async def one(postgres_url: str) -> AsyncIterator[Database]:
    """One connection for everybody, and an account for each of three payers."""
    async with Database.open(postgres_url, connections_max=1) as database:
        async with database.connection() as connection:
            for owner in ("user_ann", "user_bob", "org_fog"):
                await connection.execute(
                    "INSERT INTO ledger.accounts (name, kind, owner_id) VALUES (%s, 'customer', %s)",
                    [f"isolation:{owner}", owner],
                )
        yield database
        async with owning(database) as owner_connection, owner_connection.transaction():
            await owner_connection.execute("SET LOCAL session_replication_role = replica")
            await owner_connection.execute("ALTER TABLE ledger.accounts DISABLE TRIGGER append_only")
            await owner_connection.execute("DELETE FROM ledger.accounts WHERE name LIKE 'isolation:%'")
            await owner_connection.execute("ALTER TABLE ledger.accounts ENABLE ALWAYS TRIGGER append_only")


@pytest.fixture(autouse=True)
def _nobodys() -> object:
    with seeing_every_tenant():
        yield


async def seen(connection: Connection) -> list[str] | None:
    row = await (await connection.execute(SEEN)).fetchone()
    assert row is not None
    found: list[str] | None = row[0]
    return found


async def state(connection: Connection) -> tuple[str, ...]:
    row = await (await connection.execute(STATE)).fetchone()
    assert row is not None
    return row


async def assert_clean(database: Database) -> None:
    with seeing_every_tenant():
        async with database.connection() as connection:
            assert await state(connection) == CLEAN
            assert await seen(connection) == ["org_fog", "user_ann", "user_bob"]


@pytest.mark.parametrize(
    ("caller", "expected"),
    [
        (ANN, ["org_fog", "user_ann"]),
        (BOB, ["user_bob"]),
        (MACHINE, ["org_fog"]),
        (ROOT, ["org_fog", "user_ann", "user_bob"]),
        (SERVICE, ["org_fog", "user_ann", "user_bob"]),
    ],
)
async def test_each_kind_of_caller_sees_its_own(one: Database, caller: Caller, expected: list[str]) -> None:
    called_by(caller)
    async with one.connection() as connection:
        assert await seen(connection) == expected
    async with one.transaction() as tx:
        assert await seen(tx) == expected
    await assert_clean(one)


@pytest.mark.parametrize("is_used_before", [False, True])
async def test_a_tenants_role_without_a_tenant_sees_nothing(one: Database, is_used_before: bool) -> None:
    if is_used_before:  # a setting that was set once in a session is empty from then on, and no longer missing
        called_by(ANN)
        async with one.connection() as connection:
            await connection.execute("SELECT 1")
    with seeing_every_tenant():
        async with one.transaction() as tx:
            await tx.execute(f"SET LOCAL ROLE {TENANT_ROLE}")
            assert await seen(tx) is None
            for schema, table in await tables(tx):
                count = await (await tx.execute(f"SELECT count(*) FROM {schema}.{table}")).fetchone()
                assert count == (0,) or f"{schema}.{table}" in SEEN_BY_ALL, (schema, table)


SEEN_BY_ALL = {
    "accounts.issuers",
    "accounts.passkey_challenges",  # those of who signs in, and is nobody yet: hashes, found by who has what is hashed
    "billing.price_books",
    "compute.threshold_changes",
    "ledger.batches",
}


async def tables(tx: Connection) -> list[tuple[str, str]]:
    """Those that a tenant may read at all."""
    cursor = await tx.execute(
        """SELECT schemaname, tablename FROM pg_tables WHERE schemaname NOT LIKE 'pg_%'
            AND schemaname <> 'information_schema' AND rowsecurity
            AND has_table_privilege(format('%I.%I', schemaname, tablename), 'SELECT')"""
    )
    found = [(schema, table) for schema, table in await cursor.fetchall()]
    assert len(found) > 20
    return found


async def test_nobodys_and_ids_like_wildcards_and_lists_see_nothing_more(one: Database) -> None:
    for odd in ("", "%", "user_ann,user_bob", "{user_ann}", "' OR true --"):
        called_by(Caller(odd, CallerKind.USER))
        async with one.connection() as connection:
            assert await seen(connection) is None, odd


@pytest.mark.parametrize("way", ["connection", "transaction"])
async def test_nothing_stays_after_an_error_of_ours(one: Database, way: str) -> None:
    called_by(ANN)
    with pytest.raises(LookupError):
        async with getattr(one, way)():
            raise LookupError
    await assert_clean(one)


@pytest.mark.parametrize("way", ["connection", "transaction"])
async def test_nothing_stays_after_an_error_of_the_databases(one: Database, way: str) -> None:
    called_by(ANN)
    with pytest.raises(psycopg.errors.DivisionByZero):
        async with getattr(one, way)() as connection:
            await connection.execute("SELECT 1 / 0")
    await assert_clean(one)


@pytest.mark.parametrize("way", ["connection", "transaction"])
async def test_nothing_stays_after_a_request_is_cut(one: Database, way: str) -> None:
    called_by(ANN)
    began = asyncio.Event()

    async def wait() -> None:
        async with getattr(one, way)() as connection:
            began.set()
            await connection.execute("SELECT pg_sleep(60)")

    cut = asyncio.create_task(wait())
    await began.wait()
    cut.cancel()
    with pytest.raises(asyncio.CancelledError):
        await cut
    await assert_clean(one)


async def test_nothing_stays_after_what_is_rolled_back(one: Database) -> None:
    called_by(ANN)
    async with one.transaction() as tx:
        with pytest.raises(LookupError):
            async with tx.transaction():
                raise LookupError
        assert await seen(tx) == ["org_fog", "user_ann"]
    await assert_clean(one)


async def test_a_tenant_writes_nothing_into_another_and_moves_nothing_there(one: Database) -> None:
    insert = """
        INSERT INTO notifications.webhooks (id, user_id, org_id, url, description, event_types, created_by, created_at)
        VALUES (%s, %s, NULL, 'https://example.org/', '', '{{metrics}}', 'user_ann', now())
    """.replace("{{", "{").replace("}}", "}")
    called_by(ANN)
    async with one.transaction() as tx:
        await tx.execute(insert, ["isolation_own", "user_ann"])
        for statement, parameters in (
            (insert, ["isolation_theirs", "user_bob"]),
            ("UPDATE notifications.webhooks SET user_id = %s WHERE id = 'isolation_own'", ["user_bob"]),
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"):
                async with tx.transaction():
                    await tx.execute(statement, parameters)
        await tx.execute("DELETE FROM notifications.webhooks WHERE id = 'isolation_own'")


async def test_seeing_everybody_for_a_moment_ends_with_the_moment_however_it_ends(one: Database) -> None:
    called_by(ANN)
    async with one.transaction() as tx:
        async with seeing_every_tenant_in(tx):
            assert await seen(tx) == ["org_fog", "user_ann", "user_bob"]
            async with seeing_every_tenant_in(tx):
                assert (await state(tx))[0] == SYSTEM_ROLE
            assert (await state(tx))[0] == SYSTEM_ROLE
        assert await seen(tx) == ["org_fog", "user_ann"]
        with pytest.raises(LookupError):
            async with seeing_every_tenant_in(tx):
                raise LookupError
        assert await seen(tx) == ["org_fog", "user_ann"]
        with pytest.raises(psycopg.errors.DivisionByZero):
            async with tx.transaction(), seeing_every_tenant_in(tx):
                await tx.execute("SELECT 1 / 0")
        assert await seen(tx) == ["org_fog", "user_ann"]
        with pytest.raises(psycopg.errors.DivisionByZero):
            async with seeing_every_tenant_in(tx), tx.transaction():
                await tx.execute("SELECT 1 / 0")
        assert await seen(tx) == ["org_fog", "user_ann"]
    await assert_clean(one)


async def test_seeing_everybody_for_a_moment_ends_with_a_failure_too() -> None:
    called_by(BOB)
    with pytest.raises(LookupError), seeing_every_tenant():
        raise LookupError
    tenancy = present_tenancy()
    assert tenancy is not None
    assert tenancy.person_id == "user_bob"


async def test_no_role_of_ours_can_switch_a_guard_off(one: Database) -> None:
    for statement in (
        "ALTER TABLE ledger.accounts DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE ledger.accounts NO FORCE ROW LEVEL SECURITY",
        "DROP POLICY tenant ON ledger.accounts",
        "CREATE POLICY mine ON ledger.accounts USING (true)",
        "ALTER TABLE ledger.accounts DISABLE TRIGGER ALL",
        "TRUNCATE notifications.webhooks CASCADE",
        "SET session_replication_role = replica",
    ):
        for caller in (ANN, SERVICE):
            called_by(caller)
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                async with one.connection() as connection:
                    await connection.execute(statement)
    await assert_clean(one)


async def test_nobody_raises_themselves(one: Database) -> None:
    async with one.connection() as connection:
        for id_, status in (("user_rising", "active"), ("user_fallen", "suspended")):
            await connection.execute(
                "INSERT INTO accounts.users (id, email, name, status, created_at) VALUES (%s, %s, 'x', %s, now())",
                [id_, f"{id_}@example.org", status],
            )
    for id_, change in (("user_rising", "is_administrator = true"), ("user_fallen", "status = 'active'")):
        statement = f"UPDATE accounts.users SET {change} WHERE id = %s"
        with seeing_every_tenant():
            called_by(Caller(id_, CallerKind.USER))
            with pytest.raises(psycopg.errors.InsufficientPrivilege, match="nobody gives themselves more"):
                async with one.transaction() as tx:
                    await tx.execute(statement, [id_])
        async with one.transaction() as tx:
            assert (await tx.execute(statement, [id_])).rowcount == 1, "an administrator may"
