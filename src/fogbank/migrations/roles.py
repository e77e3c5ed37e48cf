"""The roles that Fogbank works under, and what row-level security lets them see.

`fogbank_system` sees every tenant, `fogbank_tenant` only the rows of whose request it is. Neither owns a table, so
neither can switch off what guards it, and what nobody granted they cannot do: the append-only tables grant no UPDATE
and no DELETE. Both are shared by all databases of a PostgreSQL.
"""

from fogbank.migrations import run_sql
from fogbank.runtime.tenancy import SYSTEM_ROLE, TENANT_ROLE

TENANTS = "string_to_array(current_setting('fogbank.tenants', true), ',')"
"""In a policy: the accounts that the caller of this request may see."""

PERSON = "current_setting('fogbank.person', true)"
"""In a policy: the person who calls."""

EVERYTHING = "SELECT, INSERT, UPDATE, DELETE"
APPENDING = "SELECT, INSERT"

MAKE_ROLES = f"""
DO $$
DECLARE
    wanted text;
BEGIN
    FOREACH wanted IN ARRAY ARRAY['{SYSTEM_ROLE}', '{TENANT_ROLE}'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) THEN
            BEGIN
                EXECUTE format('CREATE ROLE %I NOLOGIN NOBYPASSRLS', wanted);
            EXCEPTION WHEN duplicate_object OR unique_violation THEN
                NULL;  -- another database's migration was first
            END;
        END IF;
        IF NOT pg_has_role(current_user, wanted, 'SET') THEN
            EXECUTE format('GRANT %I TO CURRENT_USER', wanted);
        END IF;
    END LOOP;
    IF NOT pg_has_role('{SYSTEM_ROLE}', '{TENANT_ROLE}', 'SET') THEN
        GRANT {TENANT_ROLE} TO {SYSTEM_ROLE};
    END IF;
END
$$;
"""


def open_schema(schema: str) -> None:
    """Let both roles use what `schema` grants them."""
    run_sql(f"GRANT USAGE ON SCHEMA {schema} TO {SYSTEM_ROLE}, {TENANT_ROLE};")
    run_sql(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA {schema} TO {SYSTEM_ROLE}, {TENANT_ROLE};")


def guard(
    table: str,
    *,
    seen_by_tenant: str | None = None,
    tenant: str = "SELECT",
    tenant_command: str = "ALL",
    system: str = EVERYTHING,
) -> None:
    """Force row-level security on `table`; the system role may do `system` to all its rows.

    `seen_by_tenant` is the condition, in SQL, under which a row is the calling person's, and `tenant` what they may do
    to it; without one they see no row. The condition holds for one command only where `tenant_command` names it.
    """
    run_sql(f"""
        ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
        ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
        CREATE POLICY system ON {table} TO {SYSTEM_ROLE} USING (true) WITH CHECK (true);
        GRANT {system} ON {table} TO {SYSTEM_ROLE};
    """)
    if seen_by_tenant is not None:
        run_sql(f"""
            CREATE POLICY tenant ON {table} FOR {tenant_command} TO {TENANT_ROLE} USING ({seen_by_tenant});
            GRANT {tenant} ON {table} TO {TENANT_ROLE};
        """)
