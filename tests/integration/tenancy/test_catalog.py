"""What PostgreSQL's own catalog says of every table: who sees its rows, who may change them, and who owns it.

A table that a migration adds without `guard` fails here by name.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from tests.integration.owning import owning

from fogbank.runtime.database import Database
from fogbank.runtime.migrations import SCHEMAS
from fogbank.runtime.tenancy import SYSTEM_ROLE, TENANT_ROLE

OURS = [schema for schema in SCHEMAS if schema != "procrastinate"]
"""procrastinate's tables name jobs and times, and nobody's data; its own functions write them under its own names."""

UNGUARDED = "alembic_version"
"""In each schema, alembic's own: one row that says how new the schema is."""

APPEND_ONLY = {
    "accounts.activity": "",
    "accounts.instance_tiers": "",
    "billing.price_books": "",
    "billing.charges": "posted_at transfer_id",
    "compute.placements": "ended_at until",
    "ledger.accounts": "balance_micros floor_micros held_micros is_frozen is_settled",
    "ledger.batches": "",
    "ledger.entries": "",
    "ledger.holds": "expires_at state",
    "ledger.transfers": "",
}
"""What is written once, and of which only these columns are written again."""

SEEN_BY_ALL = {"accounts.issuers", "billing.price_books", "compute.threshold_changes", "ledger.batches"}
"""What every person may read whole: it names no tenant."""

TABLES = """
    SELECT oid::regclass::text AS name, relname, relrowsecurity, relforcerowsecurity, relkind,
        pg_get_userbyid(relowner) AS owner
    FROM pg_class WHERE relnamespace = ANY (%s::regnamespace[]) AND relkind IN ('r', 'p', 'v', 'm', 'f')
    ORDER BY 1
"""
POLICIES = """
    SELECT format('%%s.%%s', schemaname, tablename) AS name, policyname, permissive, roles::text[] AS roles, cmd,
        coalesce(qual, '') AS qual, coalesce(with_check, '') AS with_check
    FROM pg_policies WHERE schemaname = ANY (%s)
"""
GRANTS = """
    SELECT format('%%s.%%s', nspname, relname) AS name, relkind, coalesce(rolname, 'PUBLIC') AS role, privilege_type,
        relowner = grantee AS is_owner
    FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
        CROSS JOIN LATERAL aclexplode(coalesce(relacl, acldefault('r', relowner))) LEFT JOIN pg_roles
        ON pg_roles.oid = grantee
    WHERE nspname = ANY (%s) AND relkind IN ('r', 'p', 'v', 'm', 'S')
"""
COLUMN_GRANTS = """
    SELECT format('%%s.%%s', nspname, relname) AS name, attname, rolname AS role, privilege_type
    FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid JOIN pg_namespace ON pg_namespace.oid = relnamespace
        CROSS JOIN LATERAL aclexplode(attacl) JOIN pg_roles ON pg_roles.oid = grantee
    WHERE nspname = ANY (%s)
"""
FUNCTIONS = """
    SELECT pg_proc.oid::regprocedure::text AS name, pg_get_userbyid(proowner) AS owner, proconfig::text AS settings,
        prorettype = 'trigger'::regtype AS is_trigger, has_function_privilege('public', pg_proc.oid, 'EXECUTE') AS open
    FROM pg_proc WHERE pronamespace = ANY (%s::regnamespace[]) AND prosecdef
"""


async def asked(database: Database, sql: str, *parameters: Any) -> list[Mapping[str, Any]]:
    async with owning(database) as connection:
        cursor = await connection.execute(sql, parameters)
        names = [column.name for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in await cursor.fetchall()]


async def guarded(database: Database) -> Sequence[Mapping[str, Any]]:
    """Every table of ours but the one that says how new a schema is."""
    return [each for each in await asked(database, TABLES, OURS) if each["relname"] != UNGUARDED]


async def test_every_table_has_row_security_forced_on_its_owner_too(database: Database) -> None:
    tables = await guarded(database)
    assert len(tables) > 50
    open_ = [each["name"] for each in tables if not (each["relrowsecurity"] and each["relforcerowsecurity"])]
    assert open_ == [], "call `guard` of migrations/roles.py in the migration that makes the table"


async def test_nothing_shows_rows_past_the_policies(database: Database) -> None:
    assert {each["relkind"] for each in await guarded(database)} == {"r"}, "a view shows rows as its owner sees them"


async def test_every_table_is_all_the_systems_and_a_tenants_by_a_condition(database: Database) -> None:
    policies = await asked(database, POLICIES, OURS)
    assert all(each["permissive"] == "PERMISSIVE" for each in policies)
    system = {each["name"] for each in policies if each["roles"] == [SYSTEM_ROLE] and each["cmd"] == "ALL"}
    assert system == {each["name"] for each in await guarded(database)}
    assert {tuple(each["roles"]) for each in policies} == {(SYSTEM_ROLE,), (TENANT_ROLE,)}


async def test_what_a_tenant_sees_and_writes_is_told_by_who_they_are(database: Database) -> None:
    policies = [each for each in await asked(database, POLICIES, OURS) if each["roles"] == [TENANT_ROLE]]
    unconditional = {each["name"] for each in policies if "true" in (each["qual"], each["with_check"])}
    assert unconditional == SEEN_BY_ALL
    for policy in policies:
        for condition in filter(None, (policy["qual"], policy["with_check"])):
            asks_who = re.search(r"fogbank\.(tenants|person)|FROM (accounts|compute|ledger|notifications)\.", condition)
            assert asks_who or condition == "true", policy


async def test_neither_role_owns_a_table_or_can_become_more(database: Database) -> None:
    owners = {each["owner"] for each in await asked(database, TABLES, list(SCHEMAS))}
    assert owners.isdisjoint({SYSTEM_ROLE, TENANT_ROLE})
    roles = await asked(
        database,
        """SELECT rolname FROM pg_roles WHERE rolname = ANY (%s) AND (rolsuper OR rolbypassrls OR rolcreaterole
            OR rolcreatedb OR rolreplication OR rolcanlogin)""",
        [SYSTEM_ROLE, TENANT_ROLE],
    )
    assert roles == []
    member_of = await asked(
        database, "SELECT roleid::regrole FROM pg_auth_members WHERE member = ANY (%s::regrole[])", [TENANT_ROLE]
    )
    assert member_of == []


async def test_nobody_may_truncate_a_table_or_break_what_guards_it(database: Database) -> None:
    given = [each for each in await asked(database, GRANTS, OURS) if not each["is_owner"]]
    assert {each["role"] for each in given} <= {SYSTEM_ROLE, TENANT_ROLE}
    tables = {each["privilege_type"] for each in given if each["relkind"] == "r"}
    assert tables <= {"SELECT", "INSERT", "UPDATE", "DELETE"}
    assert {each["privilege_type"] for each in given if each["relkind"] == "S"} == {"USAGE"}


@pytest.mark.parametrize(("table", "columns"), APPEND_ONLY.items())
async def test_what_is_written_once_is_changed_by_nobody_but_for_what_is_added(
    database: Database, table: str, columns: str
) -> None:
    given = [each for each in await asked(database, GRANTS, OURS) if each["name"] == table and not each["is_owner"]]
    assert {each["privilege_type"] for each in given} <= {"SELECT", "INSERT"}
    assert all(each["role"] == SYSTEM_ROLE for each in given if each["privilege_type"] == "INSERT")
    by_column = [each for each in await asked(database, COLUMN_GRANTS, OURS) if each["name"] == table]
    assert sorted({each["attname"] for each in by_column}) == columns.split()
    assert all(each["role"] == SYSTEM_ROLE for each in by_column)


async def test_what_runs_with_others_rights_is_the_systems_and_names_its_path(database: Database) -> None:
    for function in await asked(database, FUNCTIONS, OURS):
        assert function["owner"] == SYSTEM_ROLE, function
        assert "search_path" in (function["settings"] or ""), function
        assert function["is_trigger"] or not function["open"], function


async def test_nobody_makes_anything_in_our_schemas(database: Database) -> None:
    may = await asked(
        database,
        """SELECT nspname, role FROM pg_namespace, unnest(%s::text[]) AS role
            WHERE nspname = ANY (%s) AND has_schema_privilege(role, nspname, 'CREATE')""",
        [SYSTEM_ROLE, TENANT_ROLE, "public"],
        OURS,
    )
    assert may == []
